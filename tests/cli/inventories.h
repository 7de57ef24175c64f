#pragma once

#include "ipc/types.h"
#include "tests/support/certificates.h"

#include <string>
#include <vector>

namespace signet::test {

// The moment at which the certificates of these tests are judged.
std::string now();

ipc::Key key_of(const Identity& identity, const std::string& label = "mail", Bytes object_id = {1});
ipc::Certificate certificate_of(const Identity& identity, const std::string& label = "mail",
                                Bytes object_id = {1});

// A token that wants a PIN, named by its label: identity "id-LABEL", serial "serial-LABEL".
ipc::Token make_token(const std::string& label);
// Each identity with its key and certificate.
ipc::Token make_token(const std::string& label, const std::vector<Identity>& identities);

ipc::Inventory make_inventory(std::vector<ipc::Token> tokens);

}  // namespace signet::test

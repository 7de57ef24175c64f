#pragma once

#include "tests/clients/set_up_client.h"

namespace signet::test {

// A program with windows that has its S/MIME from GPGME, after `signet setup gpgsm`; the token is locked, and
// pinentry will once give the PIN.
class GnupgWindowTest : public SetUpGpgsm {
  protected:
    void SetUp() override;
    void add_rsa_identity() override;

    // "<folder of this one>/<program>/drive" with its standard output; any other status than 0 fails the
    // test.
    std::string drive(const std::string& program, const std::vector<std::string>& arguments);
};

}  // namespace signet::test

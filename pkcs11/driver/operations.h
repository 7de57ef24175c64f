#pragma once

#include "pkcs11/driver/key_operation.h"
#include "token/description.h"
#include "token/rejection_secrets.h"

namespace signet::pkcs11 {

// What can be asked of a private key; org.signet.token.varlink says what each answer is.
Result<Bytes> sign(KeyOperation& operation, const token::SignRequest& request);
Result<Bytes> decrypt(KeyOperation& operation, const token::DecryptRequest& request,
                      const token::RejectionSecrets& secrets);
Result<Bytes> derive(KeyOperation& operation, const token::DeriveRequest& request);

// Left of the number come zeros until it has `size` octets. A longer one is nonsense, whose operation is
// named.
Result<Bytes> padded_to(Bytes number, std::size_t size, std::string_view operation);

}  // namespace signet::pkcs11

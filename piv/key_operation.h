#pragma once

#include "piv/card_contents.h"
#include "token/description.h"
#include "token/rejection_secrets.h"

#include <functional>

// What can be asked of a key, over what the card can do with it: paddings, forms and checks are made here.
// org.signet.token.varlink says what each answer is.
namespace signet::piv {

// One use of the key on the card: the RSA operation, a signature over a digest or message as the card writes
// it, or a key agreement.
using CardOperation = std::function<Result<Bytes>(ByteView)>;

// What the key's type and its place on the card allow.
std::vector<SignatureScheme> signature_schemes(const CardKey& key);
std::vector<DecryptionScheme> decryption_schemes(const CardKey& key);
bool can_derive(const CardKey& key);

// Both check what the card has answered against the public key: bad_signature when it was made with another
// key, or was damaged on its way. Nothing of it is given out then.
Result<Bytes> sign(const CardKey& key, const token::SignRequest& request, const CardOperation& operation);
Result<Bytes> decrypt(const CardKey& key, const token::DecryptRequest& request,
                      const token::RejectionSecrets& secrets, const CardOperation& operation);
Result<Bytes> derive(const CardKey& key, const token::DeriveRequest& request, const CardOperation& operation);

}  // namespace signet::piv

#pragma once

#include "base/result.h"
#include "smime/public/signet/smime.h"

#include <memory>
#include <string>
#include <vector>

namespace signet::cli {

// The keys on tokens that can decrypt. A token is asked only when a mail names one of its certificates.
class TokenDecryptionKeys {
  public:
    // Asks the agent, and loads the PKCS#11 module meanwhile. `key` limits them to those of an address,
    // fingerprint or PKCS#11 URI, unless it is empty. not_found when it names none.
    static Result<TokenDecryptionKeys> load(const std::string& key);
    TokenDecryptionKeys(TokenDecryptionKeys&&) noexcept;
    TokenDecryptionKeys& operator=(TokenDecryptionKeys&&) noexcept;
    ~TokenDecryptionKeys();

    // Good as long as this object is.
    [[nodiscard]] const std::vector<mail::DecryptionKey>& keys() const;

    // The keys that are present and not named by `key`. None can be used: each that a mail is for is added to
    // `asked`, as one line for people. Good as long as this object and `asked` are.
    [[nodiscard]] std::vector<mail::DecryptionKey> left_out(std::vector<std::string>& asked) const;

    // The same of tokens that were here and are not.
    std::vector<mail::DecryptionKey> absent(std::vector<std::string>& asked);

  private:
    struct State;
    explicit TokenDecryptionKeys(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

}  // namespace signet::cli

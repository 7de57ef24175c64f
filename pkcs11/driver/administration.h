#pragma once

#include "pkcs11/driver/driver.h"
#include "pkcs11/driver/tokens.h"
#include "token/administration.h"

#include <functional>

namespace signet::pkcs11 {

// PKCS#11 tokens for their administrator, as far as their module goes. Slots are CKA_ID in hexadecimal
// digits. What is replaced goes after what replaces it is there.
class Administration final : public token::Administration {
  public:
    explicit Administration(Driver& driver) : m_driver(driver) {}

    Result<token::TokenDetails> details(const std::string& token) override;
    Result<void> change_pin(const std::string& token, PinKind kind, const Secret& old_pin,
                            const Secret& new_pin) override;
    // Ends every session with the token: there can be none beside that of the security officer.
    Result<void> unblock_pin(const std::string& token, const Secret& unblocking,
                             const Secret& new_pin) override;
    Result<token::PlacedKey> generate_key(const std::string& token, const Secret& authorization,
                                          KeyAlgorithm algorithm,
                                          const token::KeyPlacement& placement) override;
    Result<token::PlacedKey> import_key(const std::string& token, const Secret& authorization,
                                        const Secret& private_key,
                                        const token::KeyPlacement& placement) override;
    Result<void> store_certificate(const std::string& token, const Secret& authorization,
                                   const std::string& slot, ByteView certificate, bool overwrite) override;
    Result<void> delete_certificate(const std::string& token, const Secret& authorization,
                                    const std::string& slot) override;
    Result<void> delete_key(const std::string& token, const Secret& authorization,
                            const std::string& slot) override;

    // unsupported: Cryptoki has nothing of the kind.
    Result<void> set_management_key(const std::string& token, const Secret& authorization,
                                    ManagementAlgorithm algorithm, const Secret& new_key,
                                    bool touch) override;
    Result<void> protect_management_key(const std::string& token, const Secret& authorization,
                                        const Secret& pin, ManagementAlgorithm algorithm,
                                        bool touch) override;
    Result<void> set_retries(const std::string& token, const Secret& authorization, const Secret& pin,
                             int pin_tries, int unblocking_tries) override;
    Result<void> move_key(const std::string& token, const Secret& authorization, const std::string& from,
                          const std::string& to) override;
    Result<std::vector<Bytes>> attest(const std::string& token, const std::string& slot) override;
    Result<Bytes> get_object(const std::string& token, const std::string& object) override;
    Result<void> put_object(const std::string& token, const Secret& authorization, const std::string& object,
                            ByteView content) override;
    Result<void> personalize(const std::string& token, const Secret& authorization) override;
    Result<void> reset(const std::string& token) override;

  private:
    using Act = std::function<Result<void>(const Session&)>;
    // In a read-write session, logged in as the user.
    Result<void> as_user(const std::string& token, const Secret& pin, const Act& act);
    Result<void> as_security_officer(const std::string& token, const Secret& pin, const Act& act);

    Driver& m_driver;
};

}  // namespace signet::pkcs11

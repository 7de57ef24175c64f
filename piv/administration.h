#pragma once

#include "piv/card_session.h"
#include "token/administration.h"

#include <filesystem>
#include <functional>

namespace signet::piv {

class Administrator;

// The card in one reader for its administrator. Each act is one transaction, at whose end the card is reset:
// it would go on taking orders from any program otherwise. Safe to use from several threads.
class Administration final : public token::Administration {
  public:
    // The session is borrowed. Journals of acts lie in `state_directory`.
    Administration(CardSession& session, std::filesystem::path state_directory)
        : m_session(session), m_state_directory(std::move(state_directory)) {}

    Result<token::TokenDetails> details(const std::string& token) override;
    Result<void> change_pin(const std::string& token, PinKind kind, const Secret& old_pin,
                            const Secret& new_pin) override;
    Result<void> unblock_pin(const std::string& token, const Secret& unblocking,
                             const Secret& new_pin) override;
    Result<void> set_management_key(const std::string& token, const Secret& authorization,
                                    ManagementAlgorithm algorithm, const Secret& new_key,
                                    bool touch) override;
    Result<void> protect_management_key(const std::string& token, const Secret& authorization,
                                        const Secret& pin, ManagementAlgorithm algorithm,
                                        bool touch) override;
    Result<void> set_retries(const std::string& token, const Secret& authorization, const Secret& pin,
                             int pin_tries, int unblocking_tries) override;
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
    Result<void> move_key(const std::string& token, const Secret& authorization, const std::string& from,
                          const std::string& to) override;
    Result<void> delete_key(const std::string& token, const Secret& authorization,
                            const std::string& slot) override;
    Result<std::vector<Bytes>> attest(const std::string& token, const std::string& slot) override;
    Result<Bytes> get_object(const std::string& token, const std::string& object) override;
    Result<void> put_object(const std::string& token, const Secret& authorization, const std::string& object,
                            ByteView content) override;
    Result<void> personalize(const std::string& token, const Secret& authorization) override;
    Result<void> reset(const std::string& token) override;

  private:
    using Act = std::function<Result<void>(Administrator&, CardTurn&)>;
    // With the application selected and the management key proven.
    Result<void> administer(const std::string& token, const Secret& authorization, const Act& act);
    // With the application selected.
    Result<CardTurn> begin(const std::string& token);

    CardSession& m_session;
    std::filesystem::path m_state_directory;
};

}  // namespace signet::piv

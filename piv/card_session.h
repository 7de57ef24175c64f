#pragma once

#include "base/secret.h"
#include "piv/card_cache.h"
#include "piv/card_contents.h"
#include "piv/pcsc.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace signet::piv {

struct CardSessionSettings {
    std::string reader;
    std::filesystem::path cache_directory;
    std::filesystem::path state_directory;  // what administration knows of keys; empty: nothing
    // A transaction in which a PIN was verified ends with the card forgetting it.
    bool deauthenticate = true;
};

// How long other programs may keep the card busy: an answer is due before the caller's patience ends too.
inline constexpr std::chrono::seconds patience_of_readings{4};
inline constexpr std::chrono::seconds patience_of_uses{8};
inline constexpr std::chrono::seconds patience_of_logouts{4};

class CardTurn;

// The card in one reader, as this process sees it from insertion to removal: the connection, what the card
// holds, and the PIN that a login has left here. Safe to use from several threads, which take turns.
//
// The connection stays open between turns; it is made anew when the card was taken out or pcscd was started
// again, and then nothing is known of the card and the PIN is forgotten.
class CardSession {
  public:
    explicit CardSession(CardSessionSettings settings);
    ~CardSession();
    CardSession(const CardSession&) = delete;
    CardSession& operator=(const CardSession&) = delete;

    // With whatever card is there; nothing is sent to it. token_removed: no card, or no such reader.
    // not_allowed: another program holds it exclusively, or keeps it busy; detail names it where the system
    // tells. driver_failed: pcscd does not run.
    Result<CardTurn> begin(std::chrono::milliseconds patience = patience_of_uses);
    // With the card that is this token; its contents are known then, read when they were not. Nothing is
    // selected for sure. token_not_found: another card, or none that is a PIV card.
    Result<CardTurn> begin(const std::string& token_id);

    // The PIN that a login left here goes, whoever keeps the card busy. False: there was none, or it was
    // another token's. Null: any token's.
    bool forget_pin(const std::string* token_id);

    [[nodiscard]] const std::string& reader() const { return m_settings.reader; }
    [[nodiscard]] bool deauthenticates() const { return m_settings.deauthenticate; }

  private:
    friend class CardTurn;

    using Deadline = std::chrono::steady_clock::time_point;

    Result<void> connect(Deadline deadline);
    void disconnect();
    [[nodiscard]] CardCache cache() const { return {m_settings.cache_directory, m_settings.reader}; }

    // Of one insertion.
    struct KnownCard {
        CardImage image;
        CardContents contents;
        bool complete = true;
    };

    const CardSessionSettings m_settings;
    std::mutex m_mutex;  // guards what follows
    std::optional<PcscContext> m_context;
    std::optional<Connecting> m_connecting;  // also of a turn that was given up
    std::optional<CardConnection> m_connection;
    std::optional<KnownCard> m_known;
    bool m_forgotten = false;  // m_known and the cache are not to be believed
    std::size_t m_round = 0;
    std::optional<Secret> m_pin;
};

// A transaction: no other thread and no other program reaches the card while it lives. The only way to send
// something to it.
class CardTurn {
  public:
    CardTurn(CardTurn&&) noexcept = default;
    CardTurn& operator=(CardTurn&&) = delete;
    CardTurn(const CardTurn&) = delete;
    CardTurn& operator=(const CardTurn&) = delete;
    ~CardTurn() = default;

    // Borrowed from this turn, with the longest commands that the card is known to take.
    [[nodiscard]] Card card();

    // A long command was refused as such.
    void use_short_form();

    // It was recognised in this insertion.
    [[nodiscard]] bool is_known() const;
    // SELECT of the known card's application. token_not_found: the card does not have it any more.
    Result<void> select();

    // Looks whether the card still is what it is known to be, here or in the cache, and reads it where it is
    // not. The application is selected afterwards. token_not_found: no PIV card. Gives the state of the PIN.
    Result<PinStatus> recognise();
    // Of the last recognise() of this insertion; begin(token_id) has done one.
    [[nodiscard]] const CardContents& contents() const;
    // Something was written to the card: the next recognise() reads it all, with every retired place.
    void forget_contents();

    // The PIN that a login left; null when there is none.
    [[nodiscard]] const Secret* pin() const;
    void keep_pin(Secret pin);
    void forget_pin();

    // VERIFY, right after which a key may be used; the application is selected. Tries that are spent are
    // logged. Errors as piv::verify().
    Result<void> verify(const Secret& typed);
    // unsupported: the reader has no pin pad.
    Result<void> verify_at_pin_pad();
    // Nothing in it where the card does not tell. Spends no try.
    Result<PinStatus> pin_status();
    // VERIFY with the PIN that a login left, which nobody has typed for this: only while more than one try is
    // left, and it is forgotten when it is refused. `status` is that of this turn. pin_required: there is
    // none, or the last try would be spent.
    Result<void> verify_kept(const PinStatus& status);
    [[nodiscard]] bool has_pin_pad() const;
    [[nodiscard]] PinPad pin_pad() const;
    // For commands of the reader itself.
    [[nodiscard]] const Transaction& transaction() const { return *m_transaction; }

    // The card forgets the PIN that was verified in this transaction, if the setting is such. Ends the turn.
    Result<void> end_verified() &&;
    // The card forgets everything: PIN, management key, selected application. Ends the turn.
    Result<void> end_with_reset() &&;

  private:
    friend class CardSession;
    CardTurn(CardSession& session, std::unique_lock<std::mutex> lock, Transaction transaction);

    CardSession* m_session;
    std::unique_lock<std::mutex> m_lock;
    // Goes before the lock does.
    std::unique_ptr<Transaction> m_transaction;
};

}  // namespace signet::piv

#pragma once

#include "piv/apdu.h"

#include <winscard.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// PC/SC-lite. Nothing here knows what the card is.
namespace signet::piv {

struct ReaderState {
    std::string name;
    bool card_present = false;
    bool card_mute = false;         // it does not answer to power
    bool held_exclusively = false;  // by some program
    Bytes answer_to_reset;
    std::uint32_t event_count = 0;  // grows with each insertion and removal

    friend bool operator==(const ReaderState&, const ReaderState&) = default;
};

// A connection to pcscd. It does not outlive a restart of pcscd: then every call fails with driver_failed,
// and a new context is needed.
class PcscContext {
  public:
    // driver_failed: pcscd does not run and cannot be started.
    static Result<PcscContext> establish();

    // All readers, in pcscd's order.
    [[nodiscard]] Result<std::vector<ReaderState>> readers() const;
    // Blocks until the readers are not as `known` any more, without polling; `known` is what readers()
    // answered. It may return although nothing has changed. cancelled: cancel() was called.
    [[nodiscard]] Result<void> wait_for_change(const std::vector<ReaderState>& known) const;
    // Ends the wait_for_change() that goes on or comes next. Any thread.
    void cancel() const;

    [[nodiscard]] SCARDCONTEXT handle() const { return *m_handle; }

  private:
    explicit PcscContext(SCARDCONTEXT handle);

    // Shared with the cards that are connected through it.
    std::shared_ptr<SCARDCONTEXT> m_handle;
};

class CardConnection;

// The control codes of a reader that takes PINs itself (PC/SC part 10); zero: it cannot.
struct PinPad {
    DWORD verify = 0;
    DWORD modify = 0;
};

// Keeps every other program from the card as long as it lives, and is the only way to send to it.
class Transaction final : public ApduTransmitter {
  public:
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    // Leaves the card as it is.
    ~Transaction() override;

    Result<Bytes> transmit(ByteView apdu) override;
    // The reader's own commands, of which the card sees what the reader makes of them.
    [[nodiscard]] Result<Bytes> control(DWORD code, ByteView input) const;
    // Ends it, and the card forgets everything: what was selected and which PIN was verified.
    Result<void> end_with_reset() &&;

  private:
    friend class CardConnection;
    explicit Transaction(const CardConnection& card) : m_card(&card) {}

    const CardConnection* m_card;  // null when it has ended; outlives the transaction
};

// One card in one reader, shared with other programs. It stays connected: pcscd takes the power from a card
// to which nobody is connected.
class CardConnection {
  public:
    // token_removed: no card, or no such reader. not_allowed: another program holds it exclusively.
    static Result<CardConnection> open(const PcscContext& context, const std::string& reader);
    CardConnection(CardConnection&& other) noexcept;
    CardConnection& operator=(CardConnection&& other) noexcept;
    CardConnection(const CardConnection&) = delete;
    CardConnection& operator=(const CardConnection&) = delete;
    ~CardConnection();

    struct Begun {
        Transaction transaction;
        // Another program has reset the card since the last transaction: nothing is selected and no PIN
        // verified.
        bool was_reset = false;
    };
    // Waits for the transactions of other programs. token_removed: the card has gone, also when another one
    // has come in its place. not_allowed: another program keeps it for longer than `patience`; detail names
    // it where the system tells.
    Result<Begun> begin(std::chrono::milliseconds patience);

    // Known from the first transaction on; others would not let the reader answer before.
    [[nodiscard]] PinPad pin_pad() const { return m_pin_pad.value_or(PinPad()); }
    // Commands of any length are possible as far as the protocol goes (ISO/IEC 7816-3: T=1).
    [[nodiscard]] bool takes_extended_length() const { return m_protocol == SCARD_PROTOCOL_T1; }
    // A command has failed to get through: what the card's state is nobody knows.
    [[nodiscard]] bool failed() const { return m_failed; }

  private:
    friend class Transaction;
    struct Wait;
    CardConnection(PcscContext context, SCARDHANDLE handle, DWORD protocol);
    Result<Begun> wait_for_turn();
    Result<void> reconnect();
    [[nodiscard]] PinPad read_pin_pad() const;

    PcscContext m_context;
    SCARDHANDLE m_handle = 0;
    DWORD m_protocol = 0;
    std::optional<PinPad> m_pin_pad;
    bool m_open = true;
    // Of begin(), also after it has given up; the object is not moved meanwhile.
    std::unique_ptr<Wait> m_wait;
    mutable bool m_failed = false;
};

// A connection on its way. pcscd lets nobody connect while another program has a transaction, and nothing
// calls that off: it goes on in a thread of its own, which may outlive this object.
class Connecting {
  public:
    Connecting(const PcscContext& context, const std::string& reader);

    // As CardConnection::open(). not_allowed with goes_on(): another program keeps the card busy until then,
    // and this may be called again.
    Result<CardConnection> wait_until(std::chrono::steady_clock::time_point deadline);
    // It has not been given out yet.
    [[nodiscard]] bool goes_on() const { return m_connected.valid(); }

  private:
    std::future<Result<CardConnection>> m_connected;
};

}  // namespace signet::piv

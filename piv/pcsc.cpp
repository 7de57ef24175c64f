#include "piv/pcsc.h"

#include "piv/reader_users.h"

#include <reader.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>
#include <thread>
#include <utility>

namespace signet::piv {
namespace {

// Tells of readers that come and go (PC/SC part 5).
constexpr const char* new_readers = "\\\\?PnP?\\Notification";
constexpr DWORD any_protocol = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;

ErrorCode code_of(LONG status) {
    switch (status) {
        case SCARD_E_NO_SMARTCARD:
        case SCARD_W_REMOVED_CARD:
        case SCARD_E_UNKNOWN_READER:
        case SCARD_E_READER_UNAVAILABLE:
        // What drivers say about a card that is pulled while it works.
        case SCARD_E_NOT_TRANSACTED:
            return ErrorCode::token_removed;
        case SCARD_E_SHARING_VIOLATION:
            return ErrorCode::not_allowed;
        case SCARD_E_CANCELLED:
            return ErrorCode::cancelled;
        case SCARD_E_TIMEOUT:
            return ErrorCode::timeout;
        default:
            return ErrorCode::driver_failed;
    }
}

// ": scdaemon (1234), ssh (1240)"; who of them it is the system does not tell.
std::string listed(const std::vector<std::string>& programs) {
    std::string text;
    for (const std::string& program : programs) {
        text += (text.empty() ? ": " : ", ") + program;
    }
    return text;
}

Error pcsc_error(std::string_view operation, LONG status) {
    return Error{.code = code_of(status),
                 .operation = std::string(operation),
                 .detail = status == SCARD_E_SHARING_VIOLATION
                               ? "another program holds the card exclusively" + listed(reader_users())
                               : pcsc_stringify_error(status),
                 .native_code = status};
}

Failure busy(std::string operation) {
    return failure(ErrorCode::not_allowed, std::move(operation),
                   "another program keeps the card busy" + listed(reader_users()));
}

Result<void> check(std::string_view operation, LONG status) {
    if (status != SCARD_S_SUCCESS) {
        return Failure(pcsc_error(operation, status));
    }
    return {};
}

// Names one behind the other, each with a NUL, and a NUL at the end.
std::vector<std::string> names_in(std::string_view list) {
    std::vector<std::string> names;
    while (!list.empty() && list.front() != '\0') {
        names.emplace_back(list.substr(0, list.find('\0')));
        list.remove_prefix(std::min(list.size(), names.back().size() + 1));
    }
    return names;
}

Result<std::vector<std::string>> reader_names(SCARDCONTEXT context) {
    // The list may grow between asking for its size and reading it.
    for (int attempt = 0; attempt < 3; ++attempt) {
        DWORD size = 0;
        LONG status = SCardListReaders(context, nullptr, nullptr, &size);
        if (status == SCARD_S_SUCCESS) {
            std::string list(size, '\0');
            status = SCardListReaders(context, nullptr, list.data(), &size);
            if (status == SCARD_S_SUCCESS) {
                return names_in(list);
            }
        }
        if (status == SCARD_E_NO_READERS_AVAILABLE) {
            return std::vector<std::string>();
        }
        if (status != SCARD_E_INSUFFICIENT_BUFFER) {
            return Failure(pcsc_error("SCardListReaders", status));
        }
    }
    return Failure(pcsc_error("SCardListReaders", SCARD_E_INSUFFICIENT_BUFFER));
}

ReaderState state_of(const SCARD_READERSTATE& state) {
    const DWORD flags = state.dwEventState;
    return ReaderState{
        .name = state.szReader,
        .card_present = (flags & SCARD_STATE_PRESENT) != 0,
        .card_mute = (flags & SCARD_STATE_MUTE) != 0,
        .held_exclusively = (flags & SCARD_STATE_EXCLUSIVE) != 0,
        .answer_to_reset = Bytes(state.rgbAtr, state.rgbAtr + std::min<DWORD>(state.cbAtr, MAX_ATR_SIZE)),
        .event_count = static_cast<std::uint32_t>(flags >> 16)};
}

// As SCardGetStatusChange takes what is known. Whether others use the card is no change.
SCARD_READERSTATE to_native(const ReaderState& known) {
    SCARD_READERSTATE state{};
    state.szReader = known.name.c_str();
    state.dwCurrentState = (known.card_present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY) |
                           (known.card_mute ? SCARD_STATE_MUTE : 0U) | DWORD{known.event_count} << 16;
    return state;
}

}  // namespace

PcscContext::PcscContext(SCARDCONTEXT handle)
    : m_handle(new SCARDCONTEXT(handle), [](const SCARDCONTEXT* context) {
          SCardReleaseContext(*context);
          delete context;
      }) {}

Result<PcscContext> PcscContext::establish() {
    SCARDCONTEXT handle = 0;
    SIGNET_CHECK(
        check("SCardEstablishContext", SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle)));
    return PcscContext(handle);
}

Result<std::vector<ReaderState>> PcscContext::readers() const {
    SIGNET_TRY(const auto names, reader_names(*m_handle));
    std::vector<SCARD_READERSTATE> native(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        native[i].szReader = names[i].c_str();
    }
    if (!native.empty()) {
        SIGNET_CHECK(
            check("SCardGetStatusChange", SCardGetStatusChange(*m_handle, 0, native.data(), native.size())));
    }
    std::vector<ReaderState> states;
    for (const auto& state : native) {
        states.push_back(state_of(state));
    }
    return states;
}

Result<void> PcscContext::wait_for_change(const std::vector<ReaderState>& known) const {
    std::vector<SCARD_READERSTATE> native;
    for (const ReaderState& state : known) {
        native.push_back(to_native(state));
    }
    SCARD_READERSTATE coming{};
    coming.szReader = new_readers;
    // The number of readers that are known.
    coming.dwCurrentState = static_cast<DWORD>(known.size()) << 16;
    native.push_back(coming);
    return check("SCardGetStatusChange",
                 SCardGetStatusChange(*m_handle, INFINITE, native.data(), native.size()));
}

void PcscContext::cancel() const {
    (void)SCardCancel(*m_handle);
}

Transaction::Transaction(Transaction&& other) noexcept : m_card(std::exchange(other.m_card, nullptr)) {}

Transaction::~Transaction() {
    if (m_card != nullptr) {
        (void)SCardEndTransaction(m_card->m_handle, SCARD_LEAVE_CARD);
    }
}

Result<Bytes> Transaction::transmit(ByteView apdu) {
    const SCARD_IO_REQUEST* protocol = m_card->m_protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    Bytes response(MAX_BUFFER_SIZE_EXTENDED);
    DWORD size = response.size();
    const LONG status =
        SCardTransmit(m_card->m_handle, protocol, apdu.data(), apdu.size(), nullptr, response.data(), &size);
    m_card->m_failed = status != SCARD_S_SUCCESS || size == 0;
    SIGNET_CHECK(check("SCardTransmit", status));
    response.resize(std::min<std::size_t>(size, response.size()));
    if (response.empty()) {
        return failure(ErrorCode::token_removed, "SCardTransmit", "the card did not answer");
    }
    return response;
}

Result<Bytes> Transaction::control(DWORD code, ByteView input) const {
    Bytes output(MAX_BUFFER_SIZE);
    DWORD size = 0;
    SIGNET_CHECK(check("SCardControl", SCardControl(m_card->m_handle, code, input.data(), input.size(),
                                                    output.data(), output.size(), &size)));
    output.resize(std::min<std::size_t>(size, output.size()));
    return output;
}

Result<void> Transaction::end_with_reset() && {
    return check("SCardEndTransaction",
                 SCardEndTransaction(std::exchange(m_card, nullptr)->m_handle, SCARD_RESET_CARD));
}

CardConnection::CardConnection(PcscContext context, SCARDHANDLE handle, DWORD protocol)
    : m_context(std::move(context)), m_handle(handle), m_protocol(protocol) {}

CardConnection::CardConnection(CardConnection&& other) noexcept
    : m_context(other.m_context),
      m_handle(other.m_handle),
      m_protocol(other.m_protocol),
      m_pin_pad(other.m_pin_pad),
      m_open(std::exchange(other.m_open, false)),
      m_failed(other.m_failed) {}

CardConnection& CardConnection::operator=(CardConnection&& other) noexcept {
    std::swap(m_context, other.m_context);
    std::swap(m_handle, other.m_handle);
    std::swap(m_protocol, other.m_protocol);
    std::swap(m_pin_pad, other.m_pin_pad);
    std::swap(m_failed, other.m_failed);
    std::swap(m_open, other.m_open);
    return *this;
}

// Whoever waits for the card ends with the handle.
CardConnection::~CardConnection() {
    if (m_open) {
        (void)SCardDisconnect(m_handle, SCARD_LEAVE_CARD);
    }
}

Result<CardConnection> CardConnection::open(const PcscContext& context, const std::string& reader) {
    SCARDHANDLE handle = 0;
    DWORD protocol = 0;
    SIGNET_CHECK(check("SCardConnect", SCardConnect(context.handle(), reader.c_str(), SCARD_SHARE_SHARED,
                                                    any_protocol, &handle, &protocol)));
    return CardConnection(context, handle, protocol);
}

PinPad CardConnection::read_pin_pad() const {
    std::array<std::uint8_t, MAX_BUFFER_SIZE> features{};
    DWORD size = 0;
    if (SCardControl(m_handle, CM_IOCTL_GET_FEATURE_REQUEST, nullptr, 0, features.data(), features.size(),
                     &size) != SCARD_S_SUCCESS) {
        return {};
    }
    PinPad pad;
    // Tag, length 4, control code in big-endian order.
    const ByteView list(features.data(), std::min<std::size_t>(size, features.size()));
    for (std::size_t i = 0; i + 6 <= list.size(); i += 6) {
        const DWORD code = DWORD{list[i + 2]} << 24 | DWORD{list[i + 3]} << 16 | DWORD{list[i + 4]} << 8 |
                           DWORD{list[i + 5]};
        if (list[i] == FEATURE_VERIFY_PIN_DIRECT) {
            pad.verify = code;
        } else if (list[i] == FEATURE_MODIFY_PIN_DIRECT) {
            pad.modify = code;
        }
    }
    return pad;
}

Result<void> CardConnection::reconnect() {
    return check("SCardReconnect",
                 SCardReconnect(m_handle, SCARD_SHARE_SHARED, any_protocol, SCARD_LEAVE_CARD, &m_protocol));
}

// The library asks pcscd again and again until it gets the card; nothing but the end of the handle stops it.
struct CardConnection::Wait {
    enum class Stage : std::uint8_t { goes_on, given_up, over };
    std::atomic<Stage> stage = Stage::goes_on;
    std::future<Result<Begun>> begun;
};

Result<CardConnection::Begun> CardConnection::begin(std::chrono::milliseconds patience) {
    using Stage = Wait::Stage;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    if (m_wait && m_wait->begun.wait_until(deadline) == std::future_status::timeout) {
        return busy("SCardBeginTransaction");
    }
    m_wait = std::make_unique<Wait>();
    m_wait->begun = std::async(std::launch::async, [this, &wait = *m_wait] {
        auto begun = wait_for_turn();
        const bool wanted = wait.stage.exchange(Stage::over) != Stage::given_up;
        return wanted ? std::move(begun)
                      : Result<Begun>(failure(ErrorCode::cancelled, "SCardBeginTransaction"));
    });
    if (m_wait->begun.wait_until(deadline) == std::future_status::timeout &&
        m_wait->stage.exchange(Stage::given_up) != Stage::over) {
        return busy("SCardBeginTransaction");
    }
    auto begun = m_wait->begun.get();
    m_wait.reset();
    return begun;
}

Result<CardConnection::Begun> CardConnection::wait_for_turn() {
    bool was_reset = false;
    // Somebody may reset the card again between the two calls.
    for (int attempt = 0; attempt < 10; ++attempt) {
        const LONG status = SCardBeginTransaction(m_handle);
        if (status == SCARD_S_SUCCESS) {
            if (!m_pin_pad) {
                m_pin_pad = read_pin_pad();
            }
            return Begun{.transaction = Transaction(*this), .was_reset = was_reset};
        }
        if (status != SCARD_W_RESET_CARD) {
            return Failure(pcsc_error("SCardBeginTransaction", status));
        }
        SIGNET_CHECK(reconnect());
        was_reset = true;
    }
    return Failure(pcsc_error("SCardBeginTransaction", SCARD_W_RESET_CARD));
}

Connecting::Connecting(const PcscContext& context, const std::string& reader) {
    std::promise<Result<CardConnection>> promise;
    m_connected = promise.get_future();
    std::thread([promise = std::move(promise), context, reader]() mutable {
        promise.set_value(CardConnection::open(context, reader));
    }).detach();
}

Result<CardConnection> Connecting::wait_until(std::chrono::steady_clock::time_point deadline) {
    if (m_connected.wait_until(deadline) == std::future_status::timeout) {
        return busy("SCardConnect");
    }
    return m_connected.get();
}

}  // namespace signet::piv

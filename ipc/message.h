#pragma once

#include "base/result.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// One Varlink message: a JSON object that a NUL octet ends on the wire. Pure: no descriptors, no threads.
namespace signet::ipc {

// Longest call and reply, with the NUL. A reply may hold the certificates of several tokens.
inline constexpr std::size_t max_call_size = std::size_t{1} << 20;
inline constexpr std::size_t max_reply_size = std::size_t{4} << 20;
// Deepest nesting of arrays and objects.
inline constexpr std::size_t max_nesting = 16;
// Most descriptors that one message may carry.
inline constexpr std::size_t max_descriptors = 4;

// The parsed "parameters" object of a message. Its memory is wiped when it goes, since replies hold
// decrypted session keys. Read it with the decode functions of ipc/codec.h.
class Parameters {
  public:
    struct Document;  // ipc/document.h

    explicit Parameters(std::unique_ptr<Document> document);
    Parameters(Parameters&&) noexcept;
    Parameters& operator=(Parameters&&) noexcept;
    ~Parameters();

    [[nodiscard]] const Document& document() const { return *m_document; }

  private:
    std::unique_ptr<Document> m_document;
};

struct Call {
    std::string method;  // fully qualified: interface, dot, name
    bool more = false;
    bool oneway = false;
    Parameters parameters;
};

struct Reply {
    bool continues = false;
    Parameters parameters;
};

// `text` is one message without its NUL. Anything that is not a Varlink call is ErrorCode::protocol, and the
// connection is to be closed.
Result<Call> parse_call(std::string_view text);

// A reply with an error becomes that Error. A reply that is not Varlink is ErrorCode::protocol.
Result<Reply> parse_reply(std::string_view text);

// A call with already encoded parameters ("{...}"), without the NUL. `more` asks for several replies.
std::string encode_call(std::string_view method, std::string_view parameters, bool more = false);

// A reply with already encoded parameters, without the NUL.
std::string encode_reply(std::string_view parameters, bool continues = false);

// An error reply, without the NUL. `interface` qualifies signet's own errors; those of
// org.varlink.service keep their place. Codes that have no place on the wire are sent as DriverFailed.
std::string encode_error(std::string_view interface, const Error& error);

// Splits a stream of octets into messages.
class MessageBuffer {
  public:
    explicit MessageBuffer(std::size_t max_message_size) : m_max_message_size(max_message_size) {}
    MessageBuffer(MessageBuffer&&) = default;
    MessageBuffer& operator=(MessageBuffer&&) = default;
    MessageBuffer(const MessageBuffer&) = delete;
    MessageBuffer& operator=(const MessageBuffer&) = delete;
    ~MessageBuffer();

    // Room to receive into; call received() with how much came.
    [[nodiscard]] std::span<char> space();
    // too_large when no message has ended within the maximum, or twice the maximum lies here unread; the
    // connection is to be closed.
    Result<void> received(std::size_t count);

    // The next whole message without its NUL, or nullopt. Valid until consume() or space().
    [[nodiscard]] std::optional<std::string_view> next() const;
    // Wipes and drops what next() returned.
    void consume();

    [[nodiscard]] bool empty() const { return m_begin == m_end; }
    // True when the octets beyond the next message are none.
    [[nodiscard]] bool next_is_last() const {
        return m_message_end.has_value() && *m_message_end + 1 == m_end;
    }

  private:
    void find_message_end(std::size_t from);

    std::size_t m_max_message_size;
    std::vector<char> m_buffer;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    std::optional<std::size_t> m_message_end;  // position of the NUL in m_buffer
};

}  // namespace signet::ipc

#pragma once

#include "base/bytes.h"
#include "base/file_descriptor.h"

#include <cstddef>

namespace signet {

// A PIN, password or key in memory of its own: locked against swap where the limit allows, left out of
// core dumps, wiped when it goes. The capacity is fixed when it is made, so no copy is ever left behind
// by growing. Move-only, cannot be printed; the content is reached through expose() alone.
class Secret {
  public:
    // Longest secret: a PKCS#8 PrivateKeyInfo on its way into a token, 2,380 octets for RSA-4096 and some
    // more with attributes. PINs are far shorter (PIV 8, Cryptoki tokens 255 octets).
    static constexpr std::size_t max_size = 3072;

    Secret() = default;
    // Empty, with room for `capacity` octets (at most max_size).
    explicit Secret(std::size_t capacity);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    // Copies from memory that the caller wipes. Longer than max_size is too_large.
    static Result<Secret> copy_of(ByteView content);
    // Reads a pipe or file to its end; longer than max_size is too_large.
    static Result<Secret> read_from(const FileDescriptor& source);

    // The read end of a new pipe that holds the content: how a secret goes to another process.
    [[nodiscard]] Result<FileDescriptor> to_pipe() const;
    [[nodiscard]] Secret clone() const;

    [[nodiscard]] ByteView expose() const { return {m_data, m_size}; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] bool empty() const { return m_size == 0; }

    // Adds to the end; beyond the capacity is too_large and leaves it as it was.
    Result<void> append(ByteView content);

    // Removes one "\n" or "\r\n" at the end: a file made with an editor ends so.
    void strip_line_end();

    // The octets that hexadecimal digits of either case stand for. Anything else, or nothing, is malformed.
    [[nodiscard]] Result<Secret> from_hex_digits() const;

    void wipe();

  private:
    std::uint8_t* m_data = nullptr;  // start of the mapping
    std::size_t m_capacity = 0;      // octets that may be used
    std::size_t m_size = 0;
};

}  // namespace signet

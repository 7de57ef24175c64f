#pragma once

#include "base/bytes.h"
#include "base/file_descriptor.h"

#include <cstdint>
#include <optional>

namespace signet::test::piv_card {

// One message from vpcd. Control messages have one octet, command APDUs at least four.
struct VpcdMessage {
    enum class Kind : std::uint8_t { power_off, power_on, reset, get_atr, command };
    Kind kind{};
    Bytes command;
};

// The card's side of the connection to a vpcd slot: being connected is being in the reader.
class VpcdConnection {
  public:
    // Nothing when nobody listens.
    static std::optional<VpcdConnection> connect(std::uint16_t port);

    [[nodiscard]] int fd() const { return m_socket.get(); }
    // Waits for a whole message; nothing when the other side is gone.
    [[nodiscard]] std::optional<VpcdMessage> receive() const;
    [[nodiscard]] bool send(ByteView message) const;
    // The other side is gone, though data may still wait.
    [[nodiscard]] bool broken() const;

  private:
    explicit VpcdConnection(FileDescriptor socket) : m_socket(std::move(socket)) {}
    [[nodiscard]] bool read_exactly(std::span<std::uint8_t> out) const;

    FileDescriptor m_socket;
};

}  // namespace signet::test::piv_card

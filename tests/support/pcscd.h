#pragma once

#include "tests/support/requirements.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace signet::test {

// Mount and network namespaces of their own, in which nothing reaches the machine's readers and ports: pcscd
// finds neither USB readers nor other drivers, and vpcd, which listens on all addresses, has only a loopback
// interface.
class ReaderNamespace {
  public:
    // The programs for it are here.
    static bool available();
    // The kernel lets us make them: not so in a chroot, and in some containers.
    static bool permitted();

    // `directory` becomes /run inside. Throws where namespaces cannot be made.
    explicit ReaderNamespace(const std::filesystem::path& directory);

    // The command that runs another one inside.
    [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& inner) const;

  private:
    std::unique_ptr<BackgroundProcess> m_holder;
};

struct PcscdOptions {
    // Slots are called "NAME 00 00" and "NAME 00 01". ykcs11 looks at readers only whose name begins with
    // "Yubico".
    std::string reader_name = "Yubico Test Reader";
    // The reader takes PINs itself (PC/SC part 10). Not in builds with a sanitizer.
    bool pin_pad = false;
};

// A real pcscd with one vpcd reader of two slots, apart from the machine's and from those of other tests.
// Ends with the object. Neither root nor the machine's /run/pcscd is needed.
class Pcscd {
  public:
    // The ports of the reader's slots, inside the namespace.
    static constexpr std::uint16_t first_port = 35963;
    static constexpr std::uint16_t second_port = first_port + 1;

    // pcscd, vpcd and what the namespaces need are here.
    static bool available();
    static bool pin_pad_available();

    explicit Pcscd(PcscdOptions options = {});

    // PCSCLITE_CSOCK_NAME, for every program that uses PC/SC; also folders of their own for OpenSC's caches.
    [[nodiscard]] Variables variables() const;
    [[nodiscard]] const std::string& reader_name() const { return m_options.reader_name; }
    // "NAME 00 00"
    [[nodiscard]] std::string slot_name(int slot = 0) const;
    [[nodiscard]] const ReaderNamespace& inside() const { return m_namespace; }
    [[nodiscard]] std::filesystem::path log() const { return m_directory / "pcscd.log"; }

    // What the person will type at the PIN pad for the next request, an answer for each of its questions;
    // "cancel" and "timeout" are answers too.
    void type(const std::vector<std::string>& answers) const;

    // Ends pcscd as `signal_number` does it, and starts another. Connected cards come back by themselves.
    void restart(int signal_number = 15);
    void stop(int signal_number = 15);
    void start();
    [[nodiscard]] pid_t pid() const { return m_process ? m_process->pid() : -1; }

  private:
    [[nodiscard]] std::filesystem::path socket() const { return m_directory / "run/pcscd/pcscd.comm"; }

    TemporaryDirectory m_directory;
    PcscdOptions m_options;
    ReaderNamespace m_namespace;
    std::unique_ptr<BackgroundProcess> m_process;
};

}  // namespace signet::test

// In SetUp(): ends the test where it cannot have a pcscd of its own.
#define SIGNET_REQUIRE_PCSCD()                                                                           \
    do {                                                                                                 \
        SIGNET_REQUIRE(::signet::test::Pcscd::available(), "pcscd, vsmartcard-vpcd, iproute2, unshare"); \
        if (!::signet::test::ReaderNamespace::permitted()) {                                             \
            GTEST_SKIP() << "the kernel permits no namespaces here";                                     \
        }                                                                                                \
    } while (false)

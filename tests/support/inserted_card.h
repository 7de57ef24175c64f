#pragma once

#include "tests/support/pcscd.h"

#include <cstdint>

namespace signet::test {

// One line of a card's log.
struct LoggedApdu {
    std::string header;  // CLA INS P1 P2, hexadecimal
    std::size_t command_length = 0;
    std::size_t response_length = 0;
    std::string status;  // "9000", or "none" where the response was lost
    std::string applet;  // "none", "piv", "derived", "other"

    [[nodiscard]] std::string instruction() const { return header.substr(2, 2); }
};

struct InsertedCardOptions {
    int slot = 0;
    std::uint32_t serial = 12345678;
    std::string firmware = "5.4.3";
    std::vector<std::string> settings;  // "extended=off"; `piv-card --help` lists them
    std::vector<std::string> faults;    // "pull-during@2/87"; piv_card/faults.h
    std::vector<std::string> options;   // of piv-card, besides
    std::filesystem::path state;        // its memory; a file of its own when empty
    bool wait = true;                   // until pcscd has seen the card
};

// The program piv-card with its card in a slot of a pcscd.
class InsertedCard {
  public:
    static constexpr const char* pin = "123456";
    static constexpr const char* puk = "12345678";
    static constexpr const char* management_key = "010203040506070801020304050607080102030405060708";

    explicit InsertedCard(const Pcscd& pcscd, const InsertedCardOptions& options = {});
    // A crash of the program, or a sanitizer's report, fails the test.
    ~InsertedCard();
    InsertedCard(const InsertedCard&) = delete;
    InsertedCard& operator=(const InsertedCard&) = delete;

    // Back in the reader, and seen by pcscd.
    void insert();
    void remove();
    [[nodiscard]] bool inserted() const;
    // Stops the program and starts it again with the same memory.
    void restart();

    // "extended=off"
    void set(const std::string& setting) { control("set " + setting); }
    // "pull-during@2/87"
    void add_fault(const std::string& fault) { control("fault " + fault); }
    void clear_faults() { control("clear-faults"); }
    // A finger; counts only while the card waits for one.
    void touch() { control("touch"); }
    // The card waits for a finger.
    [[nodiscard]] bool wants_touch() const;

    // The commands since the last call, and the number of them all.
    std::vector<LoggedApdu> new_apdus();
    [[nodiscard]] std::size_t apdu_count() const;

    [[nodiscard]] const std::filesystem::path& state() const { return m_state; }
    [[nodiscard]] std::filesystem::path attestation_root() const { return m_directory / "root.pem"; }

  private:
    void start(const std::vector<std::string>& more_options = {});
    void control(const std::string& line) const;
    void wait_for_power() const;
    [[nodiscard]] std::vector<std::string> log_lines() const;

    const Pcscd& m_pcscd;
    InsertedCardOptions m_options;
    TemporaryDirectory m_directory;
    std::filesystem::path m_state;
    std::unique_ptr<BackgroundProcess> m_process;
    std::size_t m_read_lines = 0;
};

// How many of these commands have an instruction, as "87".
std::size_t count(const std::vector<LoggedApdu>& apdus, std::string_view instruction);

}  // namespace signet::test

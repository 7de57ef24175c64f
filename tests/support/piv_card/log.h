#pragma once

#include "tests/support/piv_card/applet.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string_view>

namespace signet::test::piv_card {

// What went over the wire, a line each, without data fields: no PIN is ever in it. A line is in the file
// before its response goes out.
//
//   apdu MILLISECONDS HEADER lc=N le=N sw=XXXX length=N applet=NAME
//   event MILLISECONDS TEXT
//
// HEADER is CLA INS P1 P2 in hexadecimal. le is 0 where the command has none; sw is "none" where the response
// was lost.
class Log {
  public:
    // Writes nothing when the path is empty.
    explicit Log(const std::filesystem::path& path);

    void apdu(ByteView command, const Bytes* response, SelectedApplet applet);
    void event(std::string_view text);

  private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    [[nodiscard]] double elapsed() const;

    std::unique_ptr<std::FILE, Close> m_file;
    std::chrono::steady_clock::time_point m_start;
};

}  // namespace signet::test::piv_card

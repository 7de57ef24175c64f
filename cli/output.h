#pragma once

#include "smime/stream.h"

#include <memory>
#include <string>
#include <string_view>

namespace signet::cli {

// Where the result of a command goes. Nobody sees it before commit(); without one the target stays as it was.
//
// A file is written as a temporary (mode 0600) beside it and renamed; a symbolic link stays, and what it
// points to is replaced. What cannot be replaced (standard output, a descriptor under /dev/fd, a device, a
// pipe) gets all of it at commit(): until then it is held in a smime::Spool.
class Output final : public smime::WithheldSink {
  public:
    // "-" is standard output.
    static Result<Output> open(const std::string& path);
    Output(Output&&) noexcept;
    Output& operator=(Output&&) = delete;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() override;

    Result<void> write(std::string_view octets) override;
    Result<void> restart() override;
    // Once, at the end.
    Result<void> commit();

  private:
    class Destination;
    class Replacement;
    class Held;
    explicit Output(std::unique_ptr<Destination> destination);

    std::unique_ptr<Destination> m_destination;
};

// Whether a path names standard output.
bool is_standard_output(const std::string& path);
// Of what is to be read.
bool is_standard_input(const std::string& path);

// A short text as a whole.
Result<void> write_output(const std::string& path, std::string_view content);

}  // namespace signet::cli

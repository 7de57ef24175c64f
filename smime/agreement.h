#pragma once

#include "smime/scan.h"
#include "smime/stream.h"

#include <future>
#include <vector>

namespace signet::smime {

enum class TopLevel : std::uint8_t { mail, entity };

// Where GMime, the parser that shows mails, finds other parts than our scanner did: the ranges of those
// parts. What a reader sees there may not be what was signed. GMime works in a thread of its own while the
// caller hashes; both arguments must outlive the future, which waits when it goes.
std::future<std::vector<Range>> disagreements(const Source& source, const MimePart& root, TopLevel level);

}  // namespace signet::smime

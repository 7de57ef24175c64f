// A time-stamp token beside a signature, and an authority's answer to a question.
#include "smime/timestamp.h"

#include "fuzz/identities.h"

#include <cstddef>
#include <cstdint>

namespace {

// What the tokens among the seeds are for.
constexpr std::string_view signature = "the value of a signature";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace signet;
    static const smime::TimestampTrust trust{
        .anchors = {fuzz::identities().alice.certificate}, .intermediates = {}, .use_system_store = false};
    static const auto query = smime::TimestampQuery::make(std::string(signature));
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    // Nobody whom it trusts has stamped anything.
    fuzz::require(!smime::check_timestamp(octets, signature, trust), "check_timestamp");
    fuzz::require(!query->token_of(octets, trust), "token_of");
    return 0;
}

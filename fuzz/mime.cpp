// Where the parts of a mail lie: every range inside the one around it, in order, and nothing left over.
#include "fuzz/identities.h"
#include "smime/agreement.h"
#include "smime/scan.h"

namespace {

using namespace signet;
using fuzz::require;
using smime::MimePart;

bool holds(const smime::Range& outer, const smime::Range& inner) {
    return outer.begin <= inner.begin && inner.begin <= inner.end && inner.end <= outer.end;
}

void check(const MimePart& part) {
    // The line break of the empty line may belong to the boundary behind it.
    require(part.body.size() == 0 || holds(part.range, part.body), "a body outside of its part");
    require(part.parts.empty() || part.kind != smime::PartKind::leaf, "a leaf with parts");
    require(part.kind != smime::PartKind::message || part.parts.size() == 1, "a mail without its entity");
    std::uint64_t end = part.body.begin;
    for (const auto& child : part.parts) {
        require(holds(part.body, child->range), "a part outside of its parent");
        require(child->range.begin >= end, "parts that overlap");
        end = child->range.end;
        check(*child);
    }
    if (part.kind == smime::PartKind::multipart) {
        require(!part.closed || (holds(part.body, part.epilogue) && part.epilogue.begin >= end),
                "an epilogue elsewhere");
        require(part.parts.empty() || holds(part.body, part.preamble), "a preamble elsewhere");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const smime::TextSource source(as_text({data, size}));
    const auto entity = smime::scan_entity(source, {.measure_hazards = true});
    if (!entity) {
        return 0;
    }
    check(**entity);
    require((*entity)->range == smime::Range{0, size}, "octets that belong to nothing");
    for (const auto& range : smime::disagreements(source, **entity, smime::TopLevel::mail).get()) {
        require(holds((*entity)->range, range), "a disagreement about nothing");
    }
    return 0;
}

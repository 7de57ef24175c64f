// A mail's header outside and the header that is protected inside, separated by the first NUL.
#include "smime/header_protection.h"

#include "fuzz/identities.h"
#include "smime/mime.h"

namespace {

using namespace signet;
using fuzz::require;
using smime::FieldAgreement;

void check(const smime::InnerHeader& inner, const smime::Header& outside, bool encrypted) {
    for (const auto& field : compare_headers(inner, outside, encrypted)) {
        const bool is_outside = outside.find(field.name) != nullptr;
        const bool is_inside = inner.header->find(field.name) != nullptr;
        switch (field.agreement) {
            case FieldAgreement::same:
                require(is_inside && is_outside && field.value == field.outside, "same, and different");
                require(outside.count(field.name) == inner.header->count(field.name),
                        "same, and more of them");
                break;
            case FieldAgreement::hidden:
                require(encrypted && is_inside, "hidden by nobody");
                break;
            case FieldAgreement::different:
                require(is_inside, "different from nothing");
                break;
            case FieldAgreement::outside_only:
                require(!is_inside && is_outside, "outside only, and inside");
                break;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    const std::size_t separator = std::min(text.find('\0'), text.size());
    const auto outside = smime::parse_header(text.substr(0, separator));
    const smime::TextSource inside(text.substr(std::min(separator + 1, text.size())));
    const auto payload = smime::scan_entity(inside);
    if (!outside || !payload) {
        return 0;
    }
    if (const auto inner = header_protection_of(**payload)) {
        check(*inner, *outside, false);
        check(*inner, *outside, true);
    }
    return 0;
}

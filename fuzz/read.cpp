// A mail from a stranger, taken apart layer by layer and judged. Nobody is trusted, so nothing may come out
// as signed; nothing that could be decrypted, so nothing may be called authenticated.
#include "smime/read.h"

#include <cstdlib>

namespace {

using namespace signet;

class Discard final : public smime::Sink {
  public:
    Result<void> write(std::string_view /*octets*/) override { return {}; }
};

void check_part(const smime::Part& part) {
    if (part.layer && part.layer->good) {
        std::abort();
    }
    Discard discard;
    (void)smime::write_content(part, discard).has_value();
    for (const auto& child : part.parts) {
        if (!child->path.starts_with(part.path + ".")) {
            std::abort();
        }
        check_part(*child);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const smime::TextSource mail(as_text({data, size}));
    const auto report = smime::read(mail, {});
    if (!report) {
        return 0;
    }
    if (!report->signed_by.empty() || report->header_is_signed) {
        std::abort();
    }
    for (const smime::Finding& finding : report->findings) {
        if (smime::find_part(*report, finding.path) == nullptr || finding.reason.empty()) {
            std::abort();
        }
    }
    check_part(*report->root);
    return 0;
}

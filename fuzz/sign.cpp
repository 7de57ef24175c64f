// A mail to be signed: it is refused, or what comes out is good with either line ending, and the same again
// when it is encrypted.
#include "fuzz/identities.h"
#include "smime/encrypt.h"
#include "smime/line_endings.h"
#include "smime/read.h"

#include <algorithm>
#include <array>

namespace {

using namespace signet;
using fuzz::identities;
using fuzz::require;

// What a signature says about the fields around it is not up to the one who signs.
bool is_sound(const std::vector<smime::SignerReport>& signers) {
    using smime::SignatureStatus;
    constexpr std::array sound{SignatureStatus::good, SignatureStatus::header_mismatch,
                               SignatureStatus::address_mismatch, SignatureStatus::date_mismatch};
    return signers.size() == 1 && std::find(sound.begin(), sound.end(), signers[0].status) != sound.end();
}

void check_signed(std::string_view mail) {
    const smime::TextSource source(mail);
    const auto verification = smime::verify(source, identities().trust);
    require(verification && is_sound(verification->signers), "what was signed does not verify");
    const auto report = smime::read(source, {.trust = identities().trust, .keys = identities().keys});
    require(report && report->root->layer && is_sound(report->root->layer->signers),
            "what was signed is not read as signed");
    // Which looks at the header of what lies deeper too.
    require(verification->good || report->signed_by.empty(), "verify says no to what read calls good");
}

void check_encrypted(const smime::Source& mail) {
    smime::TextSink encrypted;
    if (smime::encrypt(mail, encrypted, {.recipients = {identities().alice.certificate}})) {
        smime::TextSink decrypted;
        const auto result = smime::decrypt(smime::TextSource(encrypted.text()), decrypted, identities().keys);
        require(result.has_value(), "what was encrypted cannot be decrypted");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const smime::TextSource mail(as_text({data, size}));
    for (const auto form : {smime::SignatureForm::detached, smime::SignatureForm::opaque}) {
        smime::TextSink out;
        if (!smime::sign(mail, out, fuzz::signed_by(identities().alice, form))) {
            continue;
        }
        check_signed(out.text());
        check_signed(smime::to_crlf(out.text()));
        check_signed(smime::to_lf(smime::to_crlf(out.text())));
        check_encrypted(smime::TextSource(out.text()));
    }
    check_encrypted(mail);
    return 0;
}

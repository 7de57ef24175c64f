// A mail from a stranger through everything that reads: verdict, recipients, decryption without a key, and
// signing's canonical form. Whatever verifies without an anchor is a finding.
#include "smime/canonical.h"
#include "smime/decrypt.h"
#include "smime/verify.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view mail = signet::as_text({data, size});
    const auto verification = signet::smime::verify(signet::smime::TextSource(mail), {});
    if (verification && verification->good) {
        std::abort();
    }
    const signet::smime::TextSource source(mail);
    signet::smime::TextSink plaintext;
    (void)signet::smime::recipients(source).has_value();
    (void)signet::smime::decrypt(source, plaintext, {}).has_value();
    if (const auto canonical = signet::smime::CanonicalMail::open(source)) {
        signet::smime::TextSink entity;
        (void)canonical->write_entity(entity).has_value();
    }
    return 0;
}

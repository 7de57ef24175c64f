// CMS of a stranger, read by our streaming reader and by OpenSSL's parser, which must agree: what we take,
// OpenSSL takes, with the same content; what OpenSSL takes, we take at least in its DER form.
#include "smime/cms_stream.h"

#include "smime/cms.h"
#include "smime/compressed.h"
#include "smime/decrypt.h"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <cstdlib>

namespace {

using namespace signet;
using namespace signet::smime;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

ReaderFactory octets_of(const Source& source) {
    return decoded_body(source, {0, source.size()}, TransferEncoding::binary);
}

// The content of a structure that OpenSSL holds in memory, or nothing. Its accessor serves all types.
std::optional<std::string_view> content_in_memory(CMS_ContentInfo* cms) {
    ASN1_OCTET_STRING** content = CMS_get0_content(cms);
    if (content == nullptr || *content == nullptr) {
        return std::nullopt;
    }
    return as_text({ASN1_STRING_get0_data(*content), static_cast<std::size_t>(ASN1_STRING_length(*content))});
}

void expect_same(const OpenedCms& streamed, CMS_ContentInfo* whole) {
    if (!streamed.structure) {
        return;
    }
    const auto expected = content_in_memory(whole);
    require(streamed.has_content == expected.has_value());
    require(OBJ_cmp(CMS_get0_type(streamed.structure.get()), CMS_get0_type(whole)) == 0);
    require(!content_in_memory(streamed.structure.get()));
    if (expected) {
        const auto content = streamed.content();
        require(content.has_value());
        const auto octets = read_all(**content, expected->size() + 1);
        require(octets && *octets == *expected && streamed.content_size == expected->size());
    }
}

void use(const OpenedCms& cms) {
    TextSink sink;
    (void)recipients(cms).has_value();
    (void)decrypt_content(cms, {}).has_value();
    (void)decompress(cms, sink).has_value();
}

void compare(std::string_view octets) {
    const TextSource source(octets);
    const auto streamed = open_cms(octets_of(source));
    const auto whole = parse_cms(octets);
    if (streamed) {
        // Types that are not read are recognised by their begin alone.
        require(whole.has_value() || !streamed->structure);
        use(*streamed);
    }
    if (!whole) {
        return;
    }
    if (streamed) {
        expect_same(*streamed, whole->get());
    }
    // OpenSSL cannot write everything that it can read.
    const auto der = to_der(whole->get());
    ERR_clear_error();
    if (der && parse_cms(*der)) {
        const TextSource normalised(*der);
        const auto again = open_cms(octets_of(normalised));
        require(again.has_value());
        expect_same(*again, whole->get());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets = as_text({data, size});
    compare(octets);
    TextSink sink;
    (void)decrypt_cms(TextSource(octets), sink, {}).has_value();
    ERR_clear_error();
    return 0;
}

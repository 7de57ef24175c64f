#include "smime/cms_stream.h"

#include "smime/cms.h"
#include "tests/smime/ber_writer.h"
#include "tests/support/certificates.h"

#include <gtest/gtest.h>

#include <set>

namespace signet::smime {
namespace {

using signet::test::TestAuthority;
using test::context_0;
using test::element;
using test::identifier;
using test::indefinite;
using test::octet_string;
using test::padded;
using test::sequence;
using test::signed_data;

constexpr unsigned char constructed_string = 0x24;

// Gives out a few octets at a time, as a pipe may.
class SlowReader final : public Reader {
  public:
    explicit SlowReader(std::string_view text) : m_text(text) {}
    Result<std::size_t> read(std::span<char> buffer) override {
        const std::size_t count = m_text.copy(buffer.data(), std::min<std::size_t>(buffer.size(), 3));
        m_text.remove_prefix(count);
        return count;
    }

  private:
    std::string_view m_text;
};

ReaderFactory octets_of(std::string_view octets) {
    return [octets] { return std::make_unique<SlowReader>(octets); };
}

std::string content_of(const OpenedCms& cms) {
    const auto reader = cms.content();
    return reader ? read_all(**reader, std::size_t{1} << 24).value() : "no content";
}

// The content, or the error.
std::string read(std::string_view octets) {
    const auto cms = open_cms(octets_of(octets));
    return cms ? content_of(*cms) : std::string(error_name(cms.error().code)) + ": " + cms.error().detail;
}

std::string long_text() {
    std::string text;
    for (int i = 0; i < 14'000; ++i) {
        text += std::to_string(i);
    }
    return text;
}

std::string in_segments(std::string_view text, std::size_t size) {
    std::string segments;
    for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
        segments += element(octet_string, text.substr(0, size));
    }
    return segments;
}

TEST(CmsStream, ReadsContentInEveryFormOfBer) {
    const std::string text = long_text();
    const std::string nested = element(constructed_string, in_segments(text.substr(0, 1000), 7)) +
                               indefinite(constructed_string, in_segments(text.substr(1000), 1000)) +
                               element(octet_string, "");
    for (const test::Writing write : {element, indefinite, padded}) {
        EXPECT_EQ(read(signed_data(element(octet_string, text), write)), text);
        EXPECT_EQ(read(signed_data(padded(octet_string, text), write)), text);
        EXPECT_EQ(read(signed_data(indefinite(constructed_string, in_segments(text, 4096)), write)), text);
        EXPECT_EQ(read(signed_data(element(constructed_string, nested), write)), text);
        EXPECT_EQ(read(signed_data(element(octet_string, ""), write)), "");
    }
}

TEST(CmsStream, TellsWhatItHasRead) {
    const auto cms = open_cms(octets_of(signed_data(element(octet_string, "text"))));
    ASSERT_TRUE(cms);
    EXPECT_EQ(cms->type, CmsType::signed_data);
    EXPECT_EQ(cms->type_identifier, "1.2.840.113549.1.7.2");
    EXPECT_EQ(cms->content_type, "1.2.840.113549.1.7.1");
    EXPECT_EQ(cms->content_size, 4U);
    EXPECT_EQ(CMS_is_detached(cms->structure.get()), 1);
}

TEST(CmsStream, TellsDetachedFromEmptyContent) {
    const auto detached = open_cms(octets_of(signed_data("")));
    const auto empty = open_cms(octets_of(signed_data(element(octet_string, ""))));
    ASSERT_TRUE(detached && empty);
    EXPECT_FALSE(detached->has_content);
    EXPECT_FALSE(detached->content());
    EXPECT_TRUE(empty->has_content);
}

TEST(CmsStream, AllowsOnlyLineBreaksBlanksAndNulsBehindTheStructure) {
    const std::string cms = signed_data(element(octet_string, "text"));
    EXPECT_EQ(read(cms + std::string("\r\n \t\0\n", 6)), "text");
    EXPECT_EQ(read(cms + "\r\nx"), "Malformed: octets after the structure");
    EXPECT_EQ(read(cms + cms), "Malformed: octets after the structure");
}

TEST(CmsStream, NamesTypesThatItDoesNotRead) {
    const auto type = [](const char* dotted) {
        const auto cms = open_cms(octets_of(element(sequence, identifier(dotted) + element(context_0, ""))));
        return cms && !cms->structure ? std::string(name_of(cms->type)) : "read";
    };
    EXPECT_EQ(type("1.2.840.113549.1.7.1"), "data");
    EXPECT_EQ(type("1.2.840.113549.1.7.5"), "digested-data");
    EXPECT_EQ(type("1.2.840.113549.1.7.6"), "encrypted-data");
    EXPECT_EQ(type("1.2.840.113549.1.9.16.1.2"), "authenticated-data");
    EXPECT_EQ(type("1.2.3.4"), "unknown");
}

TEST(CmsStream, RefusesWhatIsNested) {
    const std::string text = element(octet_string, "text");
    // A second content.
    EXPECT_EQ(read(signed_data(text + text)), "Malformed: an element that does not belong there");
    // Something else in its place.
    EXPECT_EQ(read(signed_data(element(0x0c, "text"))), "Malformed: content that is no OCTET STRING");
    EXPECT_EQ(read(signed_data(element(constructed_string, element(0x0c, "text")))),
              "Malformed: a segment of an octet string that is none itself");
    // An end that ends nothing.
    EXPECT_EQ(read(signed_data(element(constructed_string, text + std::string(2, '\0')))),
              "Malformed: an end of contents that ends nothing");
    // An indefinite length of a primitive.
    EXPECT_EQ(read(signed_data(indefinite(octet_string, text))),
              "Malformed: an indefinite length of what is primitive");
}

TEST(CmsStream, RefusesLengthsThatCannotBe) {
    const std::string beyond = std::string("\x04\x88", 2) + std::string(8, '\xff') + "text";
    EXPECT_EQ(read(signed_data(beyond)), "Malformed: an element reaches beyond what it is in");
    const std::string endless = std::string("\x04\x88\x7f", 3) + std::string(7, '\xff') + "text";
    EXPECT_EQ(read(signed_data(endless, indefinite)), "Malformed: the structure is cut off");
    EXPECT_EQ(read(std::string("\x30\x89", 2) + std::string(9, '\x01')),
              "Malformed: a length of more than 8 octets");
    EXPECT_EQ(read(signed_data(element(octet_string, "text") + "\x30")),
              "Malformed: an element reaches beyond what it is in");
}

TEST(CmsStream, RefusesDeepNesting) {
    std::string strings = element(octet_string, "text");
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(read(signed_data(strings)), "text") << i;
        strings = indefinite(constructed_string, strings);
    }
    strings = indefinite(constructed_string, strings);
    EXPECT_EQ(read(signed_data(strings)), "Malformed: octet strings nested too deeply");
    std::string open(100'000, '\0');
    for (std::size_t i = 0; i < open.size(); i += 2) {
        open[i] = '\x30';
        open[i + 1] = '\x80';
    }
    EXPECT_EQ(read(indefinite(sequence, identifier("1.2.840.113549.1.7.2") +
                                            indefinite(context_0, indefinite(sequence, "\xa0\x80" + open)))),
              "Malformed: elements nested too deeply");
}

TEST(CmsStream, HoldsNoMoreThan4MiBBesideTheContent) {
    const std::string head = identifier("1.2.840.113549.1.7.2");
    const std::string large = element(0x31, std::string(std::size_t{5} << 20, '\0'));
    const std::string cms = indefinite(
        sequence, head + indefinite(context_0, indefinite(sequence, std::string("\x02\x01\x01") + large)));
    const auto opened = open_cms([&cms] { return std::make_unique<SlowReader>(cms); });
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::too_large);
}

class CmsStreamOfOpenssl : public ::testing::Test {
  protected:
    static std::string written(CMS_ContentInfo* cms, const std::string& text, unsigned int flags) {
        const x509::BioPointer in = x509::memory_reader(as_bytes(text));
        const x509::BioPointer out(BIO_new(BIO_s_mem()));
        EXPECT_EQ(i2d_CMS_bio_stream(out.get(), cms, in.get(), static_cast<int>(flags)), 1);
        return std::string(as_text(x509::memory_content(out.get())));
    }

    std::string signature(const std::string& text, unsigned int flags) {
        const x509::CmsPointer cms(CMS_sign(m_alice.certificate.get(), m_alice.key.get(), nullptr, nullptr,
                                            CMS_BINARY | CMS_STREAM | flags));
        return written(cms.get(), text, CMS_BINARY | flags | CMS_STREAM);
    }

    std::string envelope(const std::string& text, const EVP_CIPHER* cipher, unsigned int flags = 0) {
        const x509::X509StackPointer recipients(sk_X509_new_null());
        X509_up_ref(m_alice.certificate.get());
        sk_X509_push(recipients.get(), m_alice.certificate.get());
        const x509::CmsPointer cms(
            CMS_encrypt(recipients.get(), nullptr, cipher, CMS_BINARY | CMS_STREAM | flags));
        return written(cms.get(), text, CMS_BINARY | CMS_STREAM | flags);
    }

    std::vector<std::string> all() {
        const std::string text = "Content-Type: text/plain\r\n\r\ntext\r\n";
        std::vector<std::string> structures{signature(text, 0), envelope(text, EVP_aes_128_cbc()),
                                            envelope(text, EVP_aes_256_gcm()),
                                            test::compressed_data("anything")};
        for (const std::string& structure : std::vector(structures)) {
            structures.push_back(to_der(parse_cms(structure).value().get()).value());
        }
        return structures;
    }

    TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
};

TEST_F(CmsStreamOfOpenssl, IsTheSameAsItsParserReads) {
    for (const std::string& octets : all()) {
        const auto whole = parse_cms(octets).value();
        const auto streamed = open_cms(octets_of(octets));
        ASSERT_TRUE(streamed) << streamed.error().detail;
        ASN1_OCTET_STRING** content = CMS_get0_content(whole.get());
        ASSERT_NE(*content, nullptr);
        EXPECT_EQ(content_of(*streamed), as_text({ASN1_STRING_get0_data(*content),
                                                  static_cast<std::size_t>(ASN1_STRING_length(*content))}));
        // But for its content, the structure is the same.
        ASN1_OCTET_STRING_free(*content);
        *content = nullptr;
        EXPECT_EQ(to_der(streamed->structure.get()).value(), to_der(whole.get()).value());
    }
}

TEST_F(CmsStreamOfOpenssl, IsMalformedWhereverItIsCutOff) {
    for (const std::string& octets : all()) {
        for (std::size_t size = 0; size < octets.size(); ++size) {
            const auto cms = open_cms(octets_of(std::string_view(octets).substr(0, size)));
            ASSERT_FALSE(cms) << size << " of " << octets.size();
            ASSERT_EQ(cms.error().code, ErrorCode::malformed) << size;
        }
    }
}

TEST_F(CmsStreamOfOpenssl, KeepsWhatIsNeededToDecrypt) {
    const std::string octets = envelope("text", EVP_aes_256_gcm());
    const auto cms = open_cms(octets_of(octets));
    ASSERT_TRUE(cms);
    EXPECT_EQ(cms->type, CmsType::auth_enveloped_data);
    EXPECT_EQ(name_of(cms->type), "authEnveloped-data");
    EXPECT_EQ(cms->algorithm.name, "aes-256-gcm");
    EXPECT_EQ(cms->algorithm.identifier, "2.16.840.1.101.3.4.1.46");
    EXPECT_EQ(cms->authentication_tag.size(), 16U);
    EXPECT_EQ(cms->content_size, 4U);
}

class CmsInAPart : public CmsStreamOfOpenssl {
  protected:
    static std::string opened(const std::string& header, const std::string& body) {
        const std::string mail = header + "\r\n\r\n" + body;
        const TextSource source(mail);
        const auto part = scan_mail(source);
        const auto cms = open_cms(source, **part);
        if (!cms) {
            return std::string(error_name(cms.error().code));
        }
        return *cms ? content_of(**cms) : "another part";
    }
};

TEST_F(CmsInAPart, IsFoundUnderEveryNameThatSendersGiveIt) {
    const std::string cms = to_base64(as_bytes(signed_data(element(octet_string, "text"))));
    const std::string base64 = "\r\nContent-Transfer-Encoding: base64";
    for (const std::string type :
         {"application/pkcs7-mime; smime-type=signed-data", "application/x-pkcs7-mime",
          "application/pkcs7-mime; smime-type=enveloped-data", "Application/PKCS7-MIME; name=x",
          "application/octet-stream; name=smime.p7m", "application/octet-stream; name=\"A.P7M\""}) {
        EXPECT_EQ(opened("Content-Type: " + type + base64, cms), "text") << type;
    }
    EXPECT_EQ(opened("Content-Type: application/octet-stream" + base64 +
                         "\r\nContent-Disposition: attachment; filename=smime.p7m",
                     cms),
              "text");
    EXPECT_EQ(opened("Content-Type: application/octet-stream; name=p7m.txt" + base64, cms), "another part");
    EXPECT_EQ(opened("Content-Type: text/plain; name=smime.p7m" + base64, cms), "another part");
}

TEST_F(CmsInAPart, IsReadInEveryTransferEncoding) {
    const std::string type = "Content-Type: application/pkcs7-mime";
    const std::string encoding = "\r\nContent-Transfer-Encoding: ";
    const std::string cms = signed_data(element(octet_string, "text"));
    const std::string base64 = to_base64(as_bytes(cms));
    EXPECT_EQ(opened(type, base64), "text");
    EXPECT_EQ(opened(type + encoding + "7bit", base64), "text");
    EXPECT_EQ(opened(type + encoding + "binary", cms), "text");
    EXPECT_EQ(opened(type + encoding + "x-unknown", cms), "text");
    std::string junk = "\xef\xbb\xbf (";
    for (const char c : base64) {
        junk += c + std::string(" -\r\n");
    }
    EXPECT_EQ(opened(type + encoding + "base64", junk), "text");
}

TEST_F(CmsInAPart, IsReadThoughAMailingListAppendsToIt) {
    std::set<std::size_t> paddings;
    for (const std::string text : {"text", "text!", "text!!"}) {
        const std::string base64 = to_base64(as_bytes(signed_data(element(octet_string, text))));
        paddings.insert(base64.size() - base64.find_last_not_of('='));
        for (const std::string footer :
             {"-- \r\nThe list\r\n", "The list\r\n", "====\r\nlist.example.test"}) {
            EXPECT_EQ(opened("Content-Type: application/pkcs7-mime", base64 + "\r\n" + footer), text)
                << footer;
        }
    }
    EXPECT_EQ(paddings.size(), 3U);
}

TEST(BareCms, IsReadAsDerPemOrBase64) {
    const std::string cms = signed_data(element(octet_string, long_text()));
    std::string base64;
    for (std::size_t i = 0; i < cms.size(); i += 48) {
        base64 += to_base64(as_bytes(cms).subspan(i, std::min<std::size_t>(48, cms.size() - i))) + "\n";
    }
    const std::string pem = "-----BEGIN CMS-----\n" + base64 + "-----END CMS-----\n";
    for (const std::string& form :
         {cms, base64, pem, "Subject: something before\n" + pem, pem + pem, pem + "what follows\n"}) {
        const TextSource source(form);
        auto octets = bare_octets(source);
        ASSERT_TRUE(octets);
        const auto opened = open_cms(*octets);
        ASSERT_TRUE(opened) << opened.error().detail << form.substr(0, 60);
        EXPECT_EQ(content_of(*opened), long_text());
    }
}

}  // namespace
}  // namespace signet::smime

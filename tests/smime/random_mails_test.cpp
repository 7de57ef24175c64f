// Any mail that GMime can build survives signing, what transports may do to it on the way, and encryption.
#include "smime/canonical.h"
#include "smime/gmime_pointer.h"
#include "smime/mime.h"
#include "tests/smime/mails.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace signet::smime {
namespace {

constexpr unsigned int mail_count = 100;
constexpr int max_depth = 3;

std::string text_of(char* allocated) {
    const std::unique_ptr<char, decltype(&::g_free)> owner(allocated, ::g_free);
    return owner.get();
}

std::string text_of(GMimeObject* object) {
    return text_of(g_mime_object_to_string(object, nullptr));
}

// The same mail for the same seed.
class MailBuilder {
  public:
    explicit MailBuilder(unsigned int seed) : m_random(seed) {}

    std::string mail() {
        const GObjectPointer<GMimeMessage> built = message(0);
        return text_of(GMIME_OBJECT(built.get()));
    }

  private:
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(m_random);
    }

    template <std::size_t count>
    std::string_view one_of(const std::array<std::string_view, count>& values) {
        return values.at(below(count));
    }

    GObjectPointer<GMimeMessage> message(int depth) {
        GObjectPointer<GMimeMessage> result(g_mime_message_new(TRUE));
        g_mime_message_add_mailbox(result.get(), GMIME_ADDRESS_TYPE_FROM, "Alice", "alice@example.test");
        g_mime_message_add_mailbox(result.get(), GMIME_ADDRESS_TYPE_TO, "Bob", "bob@example.test");
        g_mime_message_set_subject(result.get(), "one two three", nullptr);
        const auto root = object(depth);
        g_mime_message_set_mime_part(result.get(), root.get());
        return result;
    }

    GObjectPointer<GMimeObject> object(int depth) {
        const std::size_t choice = depth < max_depth ? below(6) : 0;
        if (choice >= 4) {
            return multipart(depth);
        }
        return choice == 3 ? forwarded(depth) : leaf();
    }

    GObjectPointer<GMimeObject> multipart(int depth) {
        const std::string subtype(one_of(std::array<std::string_view, 3>{"mixed", "alternative", "related"}));
        GObjectPointer<GMimeMultipart> result(g_mime_multipart_new_with_subtype(subtype.c_str()));
        g_mime_multipart_set_boundary(result.get(), ("=_" + std::to_string(m_boundaries++)).c_str());
        if (below(3) == 0) {
            g_mime_multipart_set_prologue(result.get(), lines().c_str());
            g_mime_multipart_set_epilogue(result.get(), lines().c_str());
        }
        const std::size_t parts = 1 + below(4);
        for (std::size_t i = 0; i < parts; ++i) {
            const auto part = object(depth + 1);
            g_mime_multipart_add(result.get(), part.get());
        }
        return GObjectPointer<GMimeObject>(GMIME_OBJECT(result.release()));
    }

    GObjectPointer<GMimeObject> forwarded(int depth) {
        const auto inner = message(depth + 1);
        return GObjectPointer<GMimeObject>(
            GMIME_OBJECT(g_mime_message_part_new_with_message("rfc822", inner.get())));
    }

    GObjectPointer<GMimeObject> leaf() {
        const bool text = below(2) == 0;
        GObjectPointer<GMimePart> result(text ? g_mime_part_new_with_type("text", "plain")
                                              : g_mime_part_new_with_type("application", "octet-stream"));
        const std::string content = text || below(2) == 0 ? lines() : octets();
        const GObjectPointer<GMimeStream> stream(
            g_mime_stream_mem_new_with_buffer(content.data(), content.size()));
        const GObjectPointer<GMimeDataWrapper> wrapper(
            g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
        g_mime_part_set_content(result.get(), wrapper.get());
        constexpr std::array encodings{GMIME_CONTENT_ENCODING_8BIT, GMIME_CONTENT_ENCODING_7BIT,
                                       GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, GMIME_CONTENT_ENCODING_BASE64,
                                       GMIME_CONTENT_ENCODING_BINARY};
        g_mime_part_set_content_encoding(result.get(), encodings.at(below(encodings.size())));
        return GObjectPointer<GMimeObject>(GMIME_OBJECT(result.release()));
    }

    std::string lines() {
        static const std::string long_line(1500, 'x');
        const std::array<std::string_view, 12> choices{
            "plain text",         "",    "blank ",           "tab\t",   "From here",  ">From there",
            "Gr\xc3\xbc\xc3\x9f", "-- ", "--not a boundary", long_line, "a=b ~ \x7f", "a\rb"};
        std::string text;
        for (std::size_t i = below(8); i > 0; --i) {
            text.append(one_of(choices)).append("\n");
        }
        return text + "end";
    }

    std::string octets() {
        std::string result;
        for (std::size_t i = below(300); i > 0; --i) {
            result += static_cast<char>(below(256));
        }
        return result + "end";
    }

    std::mt19937 m_random;
    int m_boundaries = 0;
};

// What a reader sees of every leaf, line breaks as LF.
std::vector<std::string> leaves_of(const std::string& mail) {
    const GObjectPointer<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(mail.data(), mail.size()));
    const GObjectPointer<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const GObjectPointer<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
    std::vector<std::string> leaves;
    const std::unique_ptr<GMimePartIter, decltype(&g_mime_part_iter_free)> iterator(
        g_mime_part_iter_new(GMIME_OBJECT(message.get())), g_mime_part_iter_free);
    do {
        GMimeObject* part = g_mime_part_iter_get_current(iterator.get());
        if (part != nullptr && GMIME_IS_PART(part)) {
            const GObjectPointer<GMimeStream> content(g_mime_stream_mem_new());
            g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), content.get());
            const GByteArray* octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(content.get()));
            leaves.push_back(to_lf({reinterpret_cast<const char*>(octets->data), octets->len}));
        }
    } while (g_mime_part_iter_next(iterator.get()));
    return leaves;
}

std::string with_trace_fields(const std::string& mail) {
    return "Received: from a.example.test by b.example.test;\r\n Mon, 1 Jan 2024 00:00:00 +0000\r\n"
           "Authentication-Results: b.example.test; none\r\n" +
           mail;
}

std::string with_refolded_header(std::string mail) {
    const std::string_view subject = "Subject: one two";
    return mail.replace(mail.find(subject), subject.size(), "Subject: one\r\n\ttwo");
}

class RandomMails : public ::testing::TestWithParam<SignatureForm> {
  protected:
    void expect_survival(const std::string& mail) {
        SignOptions options = test::sign_options(m_alice);
        options.form = GetParam();
        const auto signed_mail = test::sign(mail, options);
        ASSERT_TRUE(signed_mail) << signed_mail.error().detail << "\n" << mail;
        const std::string sent = to_crlf(*signed_mail);
        for (const std::string& received : {*signed_mail, sent, to_lf(sent), with_trace_fields(sent),
                                            with_refolded_header(sent), to_lf(with_refolded_header(sent))}) {
            EXPECT_EQ(test::verdict(received, m_trusting), "good") << received;
        }
        const auto verification = test::verify(sent, m_trusting);
        ASSERT_TRUE(verification);
        EXPECT_EQ(leaves_of(verification->content), leaves_of(mail)) << mail << sent;
        expect_canonical(mail, verification->content);
        const auto encrypted = test::encrypt(mail, {.recipients = {m_alice.certificate}});
        ASSERT_TRUE(encrypted) << encrypted.error().detail;
        EXPECT_EQ(test::decrypted_by_openssl(*encrypted, m_alice), verification->content);
    }
    // What is sent is octet for octet what was signed, and needs no second encoding.
    static void expect_canonical(const std::string& mail, const std::string& content) {
        for (const std::string& form : {mail, "Subject: x\r\n" + content}) {
            const TextSource source(form);
            const auto canonical = CanonicalMail::open(source);
            ASSERT_TRUE(canonical);
            TextSink entity;
            ASSERT_TRUE(canonical->write_entity(entity));
            EXPECT_EQ(entity.text(), content);
        }
    }

    signet::test::TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
    VerifyOptions m_trusting = test::trusting(m_authority);
};

TEST_P(RandomMails, SurviveSigningTransportAndEncryption) {
    initialise_gmime();
    for (unsigned int seed = 1; seed <= mail_count && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        expect_survival(MailBuilder(seed).mail());
    }
}

INSTANTIATE_TEST_SUITE_P(Forms, RandomMails,
                         ::testing::Values(SignatureForm::detached, SignatureForm::opaque),
                         [](const auto& parameter) {
                             return parameter.param == SignatureForm::detached ? "Detached" : "Opaque";
                         });

}  // namespace
}  // namespace signet::smime

#include "smime/legacy_display.h"

#include "smime/wrap.h"
#include "tests/smime/decryption.h"
#include "tests/smime/reading.h"

#include <gmock/gmock.h>

namespace signet::smime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string header = "From: alice@example.test\r\nSubject: the\r\n merger & =?utf-8?q?more?=\r\n";

class LegacyDisplay : public test::ReadingTest {
  protected:
    // The payload that a program without RFC 9788 shows.
    std::string payload(const std::string& body, const std::string& fields = header) {
        EncryptOptions options{.recipients = {m_alice.certificate}};
        options.header_protection = HeaderProtection::cipher;
        m_mail = test::encrypt(fields + body, options).value();
        return test::decrypted_by_openssl(m_mail, m_alice);
    }
    // What `signet read --part` writes of it.
    std::string shown(const std::string& path) {
        const TextSource source(m_mail);
        const auto report = read(source, {.trust = {}, .keys = {test::key_of(m_alice)}});
        const Part* part = report ? find_part(*report, path) : nullptr;
        TextSink content;
        EXPECT_TRUE(part != nullptr && part->legacy_display && write_content(*part, content));
        return content.take();
    }

    std::string m_mail;
};

TEST_F(LegacyDisplay, StandsBeforePlainTextAndIsNotShown) {
    EXPECT_THAT(
        payload("Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n\r\nBob\r\n"),
        HasSubstr(
            "Content-Type: text/plain; charset=utf-8;\r\n hp-legacy-display=\"1\";\r\n hp=\"cipher\"\r\n"
            "\r\nSubject: the merger & more\r\n\r\nHello\r\n\r\nBob\r\n"));
    EXPECT_EQ(shown("1.1"), "Hello\r\n\r\nBob\r\n");
}

TEST_F(LegacyDisplay, StandsInAMailWithoutContentTypeAndWithLf) {
    EXPECT_THAT(payload("\nHello\n", "Subject: x\nKeywords: y\n"),
                HasSubstr("hp=\"cipher\"\r\n\r\nSubject: x\r\nKeywords: y\r\n\r\nHello\r\n"));
    EXPECT_EQ(shown("1.1"), "Hello\r\n");
}

TEST_F(LegacyDisplay, IsEncodedAsTheTextIs) {
    payload("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8NCg==\r\n");
    EXPECT_EQ(shown("1.1"), "Hello\r\n");
    EXPECT_THAT(payload("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
                        "quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n",
                        "Subject: =?utf-8?q?=C3=A4?=\r\n"),
                HasSubstr("\r\n\r\nSubject: =C3=A4\r\n\r\nGr=C3=BC=C3=9Fe\r\n"));
    EXPECT_EQ(shown("1.1"),
              "Gr\xc3\xbc\xc3\x9f"
              "e\r\n");
}

TEST_F(LegacyDisplay, StandsInEachAlternativeAndInNoAttachment) {
    const std::string inside = payload(
        "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
        "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nHello\r\n--a\r\n"
        "Content-Type: text/html\r\n\r\n<html><BODY "
        "class=x><div>Hello</div></body></html>\r\n--a--\r\n--m\r\n"
        "Content-Type: text/plain\r\n\r\nan attachment\r\n--m--\r\n");
    EXPECT_THAT(inside, HasSubstr("\r\n\r\nSubject: the merger & more\r\n\r\nHello\r\n"));
    EXPECT_THAT(inside,
                HasSubstr("<BODY class=x><div class=\"header-protection-legacy-display\"><pre>Subject: the "
                          "merger &amp; more</pre></div><div>Hello</div>"));
    EXPECT_THAT(inside, HasSubstr("Content-Type: text/plain\r\n\r\nan attachment\r\n"));
    EXPECT_EQ(shown("1.1.1.1"), "Hello");
    EXPECT_EQ(shown("1.1.1.2"), "<html><BODY class=x><div>Hello</div></body></html>");
}

TEST_F(LegacyDisplay, IsLeftOutWhereTheCharsetHasNoSuchCharacters) {
    EXPECT_THAT(payload("Content-Type: text/plain; charset=iso-8859-1\r\n\r\nHello\r\n",
                        "Subject: =?utf-8?q?=E2=82=AC?=\r\n"),
                Not(HasSubstr("hp-legacy-display")));
    EXPECT_THAT(payload("Content-Type: text/plain\r\n\r\nHello\r\n", "From: alice@example.test\r\n"),
                Not(HasSubstr("hp-legacy-display")));
}

TEST_F(LegacyDisplay, IsInWhatIsSigned) {
    TextSink out;
    EncryptOptions options{.recipients = {m_alice.certificate}};
    options.header_protection = HeaderProtection::cipher;
    ASSERT_TRUE(
        sign_and_encrypt(TextSource(header + "\r\nHello\r\n"), out, test::sign_options(m_alice), options));
    m_mail = out.take();
    EXPECT_TRUE(claims(m_mail).good);
    EXPECT_EQ(shown("1.1.1"), "Hello\r\n");
}

TEST_F(LegacyDisplay, IsTextLikeAnyOtherOutsideOfEncryption) {
    const std::string mail =
        "From: alice@example.test\r\nContent-Type: text/plain; hp-legacy-display=1\r\n\r\n"
        "Pay\r\n\r\nnothing.\r\n";
    const TextSource source(mail);
    const auto report = read(source, {});
    ASSERT_TRUE(report);
    TextSink content;
    ASSERT_TRUE(write_content(*report->root, content));
    EXPECT_EQ(content.text(), "Pay\r\n\r\nnothing.\r\n");
}

}  // namespace
}  // namespace signet::smime

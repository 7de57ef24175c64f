#include "smime/canonical.h"

#include "tests/smime/mails.h"

#include <gmock/gmock.h>

namespace signet::smime {
namespace {

using test::mail_with;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string entity_of(const std::string& mail) {
    const TextSource source(mail);
    const auto canonical = CanonicalMail::open(source);
    if (!canonical) {
        return "error: " + canonical.error().detail;
    }
    TextSink entity;
    EXPECT_TRUE(canonical->write_entity(entity));
    return entity.take();
}

std::string body_of(const std::string& mail) {
    const std::string entity = entity_of(mail);
    return entity.substr(entity.find("\r\n\r\n") + 4);
}

std::string multipart(const std::string& parts, const std::string& around = "") {
    return "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n" + around + parts + "--b--\r\n" + around;
}

const std::string safe_part = "--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n";
const std::string blank_part = "--b\r\nContent-Type: text/plain\r\n\r\nblank \r\n";

TEST(CanonicalForm, LeavesWhatIsSafeOctetForOctet) {
    const std::string entity = multipart(safe_part + safe_part, "around\r\n");
    EXPECT_EQ(entity_of(mail_with(entity)), entity);
}

TEST(CanonicalForm, IsTheSameForEitherLineEnding) {
    for (const test::NamedMail& mail : test::awkward_mails()) {
        if (mail.name != "BinaryAttachment") {
            EXPECT_EQ(entity_of(to_lf(mail.mail)), entity_of(mail.mail)) << mail.name;
        }
    }
}

TEST(CanonicalForm, EncodesOnlyThePartsThatNeedIt) {
    const std::string entity = entity_of(mail_with(multipart(safe_part + blank_part, "around\r\n")));
    EXPECT_THAT(entity, HasSubstr(safe_part));
    EXPECT_THAT(entity, HasSubstr("Content-Transfer-Encoding: quoted-printable\r\n\r\nblank=20\r\n--b--"));
    EXPECT_THAT(entity, HasSubstr("\r\n\r\naround\r\n"));
}

TEST(CanonicalForm, DropsTextAroundPartsThatWouldBeDamaged) {
    const std::string entity = entity_of(mail_with(multipart(safe_part, "From here \r\n")));
    EXPECT_THAT(entity, Not(HasSubstr("From here")));
    EXPECT_THAT(entity, HasSubstr(safe_part));
}

TEST(CanonicalForm, TakesBlanksOffBoundariesAndHeaderLines) {
    EXPECT_EQ(entity_of(mail_with("Content-Type: multipart/mixed; \r\n boundary=b\r\n\r\n--b \t\r\n"
                                  "Content-Type: text/plain; \r\n charset=utf-8\r\n\r\nx\r\n--b--  \r\n")),
              "Content-Type: multipart/mixed;\r\n boundary=b\r\n\r\n--b\r\n"
              "Content-Type: text/plain;\r\n charset=utf-8\r\n\r\nx\r\n--b--\r\n");
}

TEST(CanonicalForm, ClosesAMultipartThatIsCutOff) {
    EXPECT_THAT(entity_of(mail_with("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + safe_part)),
                HasSubstr("plain\r\n\r\n--b--\r\n"));
}

TEST(CanonicalForm, LooksIntoForwardedMails) {
    const std::string entity =
        entity_of(mail_with("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                            "Subject: inner\r\nContent-Type: text/plain\r\n\r\nFrom here\r\n"));
    EXPECT_THAT(entity, StartsWith("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n"));
    EXPECT_THAT(entity, HasSubstr("=46rom here"));
}

TEST(CanonicalForm, TakesTheMboxLineOffAForwardedMail) {
    EXPECT_EQ(body_of(mail_with("Content-Type: message/rfc822\r\n\r\n"
                                "From carol Mon Jan  1 00:00:00 2024\r\nSubject: inner\r\n\r\ntext\r\n")),
              "Subject: inner\r\n\r\ntext\r\n");
}

TEST(CanonicalForm, DoesNotLookIntoWhatIsSigned) {
    const std::string entity =
        "Content-Type: multipart/signed; boundary=\"b\"\r\n\r\n" + blank_part + safe_part + "--b--\r\n";
    EXPECT_EQ(entity_of(mail_with(entity)), entity);
    const std::string forwarded = "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n" + entity;
    EXPECT_EQ(entity_of(mail_with(forwarded)), forwarded);
}

TEST(CanonicalForm, KeepsBinaryContentAsItIs) {
    const std::string octets("\0\1\n\r\n\xff", 6);
    EXPECT_EQ(body_of(mail_with("Content-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
                                octets)),
              "AAEKDQr/\r\n");
}

TEST(CanonicalForm, EncodesBase64AnewThatATransportWouldDamage) {
    EXPECT_EQ(body_of(mail_with("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                                "SGVs \r\nbG8=\r\n")),
              "SGVsbG8=\r\n");
}

TEST(CanonicalForm, PrefersBase64ForTextThatIsMostlyNotAscii) {
    std::string russian;
    for (int i = 0; i < 100; ++i) {
        russian += "\xd0\x94\xd0\xb0 ";
    }
    EXPECT_THAT(entity_of(mail_with("Content-Type: text/plain; charset=utf-8\r\n\r\n" + russian)),
                HasSubstr("Content-Transfer-Encoding: base64"));
}

TEST(CanonicalForm, KeepsTheOrderOfTheFieldsOfTheBody) {
    EXPECT_EQ(entity_of("Subject: x\r\nContent-Language: en\r\nContent-Type: text/plain\r\n\r\ntext\r\n"),
              "Content-Language: en\r\nContent-Type: text/plain\r\n\r\ntext\r\n");
}

TEST(CanonicalForm, RefusesWhatProgramsReadInDifferentWays) {
    EXPECT_THAT(entity_of(mail_with("Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx\r\n")),
                StartsWith("error: "));
    EXPECT_THAT(entity_of(mail_with("Content-Type: multipart/mixed; boundary=b\r\n\r\nno part\r\n")),
                StartsWith("error: "));
    EXPECT_THAT(entity_of("From: alice@example.test\r\nContent-Type: multipart/mixed; boundary=b\r\n"),
                StartsWith("error: "));
    EXPECT_THAT(entity_of(mail_with(multipart("--b\r\nno header\r\n\r\nx\r\n"))), StartsWith("error: "));
}

TEST(CanonicalForm, LeavesWhatItCannotDecodeAndRefusesALoneCrThere) {
    const std::string encoded = "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n";
    EXPECT_EQ(entity_of(mail_with(encoded + "blank \r\n")), encoded + "blank \r\n");
    EXPECT_THAT(entity_of(mail_with(encoded + "a\r\r\n")), StartsWith("error: "));
    EXPECT_THAT(entity_of(mail_with(
                    "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\na\rb\r\n--b--\r\n")),
                StartsWith("error: "));
}

}  // namespace
}  // namespace signet::smime

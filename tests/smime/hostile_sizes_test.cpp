// Mails that are small and were meant to take a very long time: what is done for each of many things is not
// done with all the others as well. Each of these took minutes, or all of the stack.
#include "smime/header_protection.h"
#include "smime/legacy_display.h"
#include "smime/limits.h"
#include "smime/shown_addresses.h"
#include "tests/smime/reading.h"

#include <algorithm>

namespace signet::smime {
namespace {

using test::Claims;
using test::Findings;

constexpr int many = 10000;

class HostileSizes : public test::ReadingTest {
  protected:
    std::string mail_with_payload(const std::string& payload) const {
        return "From: alice@example.test\r\n" + signed_payload(payload);
    }
};

template <class Make>
std::string repeated(int count, Make make) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += make(std::to_string(i));
    }
    return text;
}

std::string nested_groups(int depth) {
    return repeated(depth, [](const std::string&) { return "a:"; }) + "alice@example.test";
}

bool is_too_large(const std::string& mail) {
    const auto root = scan_mail(TextSource(mail));
    return !root && root.error().code == ErrorCode::too_large;
}

TEST_F(HostileSizes, OfManyParametersAreRead) {
    const std::string parameters = repeated(many, [](const std::string& i) { return "; p" + i + "=1"; });
    const Claims claimed =
        claims(mail_with_payload("Content-Type: text/plain" + parameters + "\r\n\r\nx\r\n"));
    EXPECT_TRUE(claimed.good);
    EXPECT_EQ(claimed.findings, Findings{});
}

TEST_F(HostileSizes, OfManyProtectedFieldsAreCompared) {
    const std::string fields = repeated(many, [](const std::string& i) { return "X" + i + ":\r\n"; });
    const std::string copies =
        repeated(many, [](const std::string& i) { return "HP-Outer: X" + i + ":\r\n"; });
    const std::string outside_text = fields + "Subject: x\r\n";
    const std::string inside_text = fields + copies;
    const Header outside = parse_header(outside_text).value();
    const Header inside = parse_header(inside_text).value();
    for (const HeaderProtectionForm form : {HeaderProtectionForm::clear, HeaderProtectionForm::cipher}) {
        const auto compared = compare_headers({form, &inside}, outside, true);
        ASSERT_EQ(compared.size(), many + 1U);
        EXPECT_EQ(std::count_if(compared.begin(), compared.end(),
                                [](const auto& field) { return field.agreement == FieldAgreement::same; }),
                  many);
        EXPECT_EQ(compared.back().agreement, FieldAgreement::outside_only);
    }
}

TEST_F(HostileSizes, OfOneFieldManyTimesAreCompared) {
    const std::string inside_text = repeated(many, [](const std::string&) { return "X: a\r\n"; });
    const std::string outside_text =
        repeated(many, [](const std::string&) { return "To: a\r\n"; }) + "X: " + std::string(many, 'a');
    const Header inside = parse_header(inside_text).value();
    const Header outside = parse_header(outside_text).value();
    const auto compared = compare_headers({HeaderProtectionForm::clear, &inside}, outside, false);
    ASSERT_EQ(compared.size(), 2U * many);
    EXPECT_EQ(compared.front().agreement, FieldAgreement::different);
    EXPECT_EQ(compared.back().agreement, FieldAgreement::outside_only);
}

TEST_F(HostileSizes, OfManyPartsAreLookedThroughOnce) {
    const std::string payload =
        "Content-Type: multipart/mixed; boundary=m\r\n\r\n" +
        repeated(9000, [](const std::string&) { return "--m\r\nContent-Type: a/b\r\n\r\n\r\n"; }) +
        "--m--\r\n";
    const Claims claimed = claims(mail_with_payload(payload));
    EXPECT_TRUE(claimed.good);
    EXPECT_EQ(claimed.findings, Findings{});
}

TEST_F(HostileSizes, OfManyPartsThatReadersTakeDifferentlyAreNamedOnce) {
    const std::string payload = "Content-Type: multipart/mixed; boundary=m\r\n\r\n" +
                                repeated(4000,
                                         [](const std::string& i) {
                                             return "--m\r\nContent-Type: multipart/mixed; boundary=n" + i +
                                                    "\r\n\r\n--n" + i + "--\r\n";
                                         }) +
                                "--m--\r\n";
    EXPECT_TRUE(claims(mail_with_payload(payload)).findings.size() <= 4001);
}

TEST_F(HostileSizes, OfManySignaturesAreJudgedUpToALimit) {
    const std::string mail =
        "From: alice@example.test\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n" +
        repeated(
            max_layers + 10,
            [this](const std::string&) {
                return "--m\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
                       "boundary=s\r\n\r\n--s\r\n\r\n\r\n--s\r\nContent-Type: "
                       "application/pkcs7-signature\r\n\r\n"
                       "--s--\r\n";
            }) +
        "--m--\r\n";
    const Findings found = findings(mail);
    const auto count = [&found](std::string_view code) {
        return std::count_if(found.begin(), found.end(),
                             [code](const std::string& finding) { return finding.starts_with(code); });
    };
    EXPECT_EQ(count("malformed_signature"), static_cast<std::ptrdiff_t>(max_layers));
    EXPECT_EQ(count("nested_too_deeply"), 10);
}

TEST_F(HostileSizes, OfManyAuthorsAreComparedWithManyCertifiedAddresses) {
    const std::string from = repeated(many, [](const std::string&) { return "alice@example.test, "; });
    const std::string mail = "From: " + from + "alice@example.test\r\n" + signed_payload("\r\ntext\r\n");
    EXPECT_TRUE(claims(mail).good);
}

TEST_F(HostileSizes, OfManySignsThatLookLikeAnAtAreReadAsOne) {
    std::string name = repeated(200000, [](const std::string&) { return "\xef\xbc\xa0"; });
    const auto shown = addresses_shown_in(std::move(name) + "example.test");
    ASSERT_EQ(shown.size(), 3U);
    EXPECT_EQ(shown.front(), std::string(200000, '@') + "example.test");
}

TEST_F(HostileSizes, OfGroupsWithinGroupsAreRefusedBeforeGmimeSeesThem) {
    const std::string groups = nested_groups(500000);
    EXPECT_TRUE(is_too_large("To: " + groups + "\r\n\r\n"));
    EXPECT_TRUE(is_too_large("Subject: x\r\nCC : a,\r\n " + groups + "\r\n\r\n"));
    // GMime may take for a mail what is none to us.
    EXPECT_TRUE(is_too_large("Subject: x\r\n\r\ntext\r\nFrom: " + groups + "\r\n"));
    const std::string from = "From: " + groups + "\r\n";
    const Header header = parse_header(from).value();
    EXPECT_FALSE(addresses_of(header, "From").readable);
    EXPECT_TRUE(scan_mail(TextSource("Subject: " + groups + "\r\n\r\nToday: " + groups + "\r\n")));
    EXPECT_TRUE(scan_mail(TextSource("To: " + nested_groups(100) + "\r\n\r\n")));
}

TEST_F(HostileSizes, OfManyLegacyDisplayElementsAreTakenOff) {
    const std::string element = "<div class=\"header-protection-legacy-display\">x</div>";
    const std::string mail = "Content-Type: text/html; hp-legacy-display=\"1\"\r\n\r\n" +
                             repeated(15000, [&element](const std::string&) { return element + "y"; });
    const TextSource source(mail);
    const auto part = scan_entity(source);
    ASSERT_TRUE(part);
    RangeReader content(source, (*part)->body);
    TextSink shown;
    ASSERT_TRUE(copy_without_legacy_display(**part, content, shown));
    EXPECT_EQ(shown.text(), std::string(15000, 'y'));
}

}  // namespace
}  // namespace signet::smime

#include "x509/name.h"

#include <gtest/gtest.h>

#include <array>

namespace signet::x509 {
namespace {

// As OpenSSL writes it, in the order of the encoding.
std::string in_order(std::string_view text) {
    const auto name = parse_name(text);
    if (!name) {
        return "refused: " + name.error().detail;
    }
    const BioPointer out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(
        out.get(), name->get(), 0,
        (XN_FLAG_RFC2253 & ~static_cast<unsigned long>(XN_FLAG_DN_REV | ASN1_STRFLGS_ESC_MSB)));
    return std::string(as_text(memory_content(out.get())));
}

TEST(NameParser, TurnsTheOrderOfTheTextAround) {
    EXPECT_EQ(in_order("CN=Alice Example,O=Example Inc.,C=DE"), "C=DE,O=Example Inc.,CN=Alice Example");
}

TEST(NameParser, ReadsEscapesBlanksAndSeveralAttributesAtOnce) {
    EXPECT_EQ(in_order(R"(CN=Example\, Alice , O = A \+ B)"), R"(O=A \+ B,CN=Example\, Alice)");
    EXPECT_EQ(in_order("CN=Zo\\C3\\AB"), "CN=Zo\xc3\xab");
    EXPECT_EQ(in_order("CN=Zo\xc3\xab"), "CN=Zo\xc3\xab");
    EXPECT_EQ(in_order("CN=Alice+UID=alice,O=Example"), "O=Example,CN=Alice+UID=alice");
    EXPECT_EQ(in_order("2.5.4.3=Alice"), "CN=Alice");
    EXPECT_EQ(in_order(R"(CN=trailing\ )"), R"(CN=trailing\ )");
}

TEST(NameParser, RefusesWhatIsNoName) {
    for (const char* text : {"", "Alice", "CN=", "CN=Alice,", "CN=Alice,,O=Example", "NoSuchType=x", "=x",
                             "CN=#0403", "CN=a\"b", "CN=a\\", "CN=a\\q", "C=Germany", "CN=\xff"}) {
        EXPECT_TRUE(in_order(text).starts_with("refused: ")) << text << " gives " << in_order(text);
    }
    EXPECT_FALSE(parse_name("CN=" + std::string(max_name_size, 'a')));
}

}  // namespace
}  // namespace signet::x509

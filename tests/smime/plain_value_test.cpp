#include "smime/plain_value.h"

#include "smime/gmime_pointer.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace signet::smime {
namespace {

constexpr int value_count = 20'000;

// Random values of pieces that such values are made of, and of those that make them hard to read.
class Values {
  public:
    explicit Values(std::vector<std::string_view> pieces) : m_pieces(std::move(pieces)) {}

    std::string next() {
        std::string value;
        for (std::size_t count = 1 + m_random() % 10; count > 0; --count) {
            value += m_pieces[m_random() % m_pieces.size()];
        }
        return value;
    }

  private:
    std::mt19937 m_random{1};
    std::vector<std::string_view> m_pieces;
};

std::string text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

TEST(PlainContentType, IsWhatGmimeReads) {
    initialise_gmime();
    Values values({"text/plain", "a/b",    "; ",  ";",  " ",    "\t",  "x=y", "x=\"y z\"", "boundary=\"=_1\"",
                   "charset",    "=utf-8", "=\"", "\"", "name", "*0=", "(c)", "\\",        "=?utf-8?q?x?=",
                   "/",          "@",      "X=z", "é",  ",",    "'",   "%41"});
    int plain_values = 0;
    for (int i = 0; i < value_count; ++i) {
        const std::string value = "multipart/mixed; " + values.next();
        const auto plain = plain_content_type(value);
        if (!plain) {
            continue;
        }
        ++plain_values;
        const GObjectPointer<GMimeContentType> parsed(g_mime_content_type_parse(nullptr, value.c_str()));
        EXPECT_EQ(plain->type, g_mime_content_type_get_media_type(parsed.get())) << value;
        EXPECT_EQ(plain->subtype, g_mime_content_type_get_media_subtype(parsed.get())) << value;
        for (const char* name : {"x", "boundary", "charset", "name", "plain"}) {
            EXPECT_EQ(plain->parameter(name),
                      text_or_empty(g_mime_content_type_get_parameter(parsed.get(), name)))
                << value;
        }
    }
    EXPECT_GT(plain_values, value_count / 200);
}

TEST(PlainContentType, LeavesTheRestToGmime) {
    for (const std::string_view value :
         {"", "text", "text/", "text/plain (comment)", "text/plain;", "text/plain; charset", "a/b; x=\"",
          "a/b; x=\"a\\b\"", "a/b; x=\"\"", "a/b; x*=utf-8''y", "a/b; x*0=y", "a/b; x=y; X=z",
          "a/b; x=\"=?utf-8?q?y?=\"", "a/b; x=\"é\"", "a/b; x=y z", "a/b x=y"}) {
        EXPECT_FALSE(plain_content_type(value)) << value;
    }
    std::string value = "a/b";
    for (int i = 0; i < 64; ++i) {
        value += "; p" + std::to_string(i) + "=1";
    }
    EXPECT_TRUE(plain_content_type(value));
    EXPECT_FALSE(plain_content_type(value + "; q=1"));
}

std::vector<std::string> mailboxes_by_gmime(const std::string& value) {
    const GObjectPointer<InternetAddressList> list(internet_address_list_parse(nullptr, value.c_str()));
    std::vector<std::string> mailboxes;
    for (int i = 0; list && i < internet_address_list_length(list.get()); ++i) {
        InternetAddress* address = internet_address_list_get_address(list.get(), i);
        mailboxes.push_back(INTERNET_ADDRESS_IS_MAILBOX(address)
                                ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))
                                : "a group");
    }
    return mailboxes;
}

TEST(PlainMailbox, IsWhatGmimeReads) {
    initialise_gmime();
    Values values({"alice", "Alice", " ",  "\t", "@",  "example.org", ".", "<",  "<a@b.c>", "\"",
                   "-",     "--",    "\\", ",",  ":",  ";",           "(", ")",  "[",       "]",
                   "=?",    "?=",    "é",  ">",  "\"", "a@b.c",       "+", "\'", "xn"});
    int plain_values = 0;
    for (int i = 0; i < 10 * value_count; ++i) {
        const std::string value = values.next();
        if (const auto mailbox = plain_mailbox(value)) {
            ++plain_values;
            EXPECT_EQ(mailboxes_by_gmime(value), std::vector{std::string(*mailbox)}) << value;
        }
    }
    EXPECT_GT(plain_values, value_count / 20);
}

TEST(PlainMailbox, ReadsTheUsualForms) {
    EXPECT_EQ(plain_mailbox("alice@example.org"), "alice@example.org");
    EXPECT_EQ(plain_mailbox("<a.b+c@example.org>"), "a.b+c@example.org");
    EXPECT_EQ(plain_mailbox("Alice B. Example <alice@example.org>"), "alice@example.org");
    EXPECT_EQ(plain_mailbox("\"Example, Alice\" <alice@example.org>"), "alice@example.org");
}

TEST(PlainMailbox, LeavesTheRestToGmime) {
    for (const std::string_view value :
         {"", "alice", "a@b, c@d", "a@b (Alice)", "\"a b\"@c", "a@[127.0.0.1]", "Group: a@b;", "A@B <a@b>",
          "\"A\\\" B\" <a@b>", "=?utf-8?q?A?= <a@b>", "É <a@b>", "a@xn--bcher-kva.example", "a.@b", "a@b."}) {
        EXPECT_FALSE(plain_mailbox(value)) << value;
    }
}

TEST(PlainText, IsWhatGmimeReads) {
    initialise_gmime();
    Values values({"word", " ", "  ", "\"", "\\", "<", "=", "?", "?=", "=?utf-8?q?x?=", "=20", "é", "(c)"});
    for (int i = 0; i < value_count; ++i) {
        const std::string value = values.next();
        if (is_plain_text(value)) {
            char* decoded = g_mime_utils_header_decode_text(nullptr, value.c_str());
            EXPECT_EQ(text_or_empty(decoded), value);
            g_free(decoded);
        }
    }
}

}  // namespace
}  // namespace signet::smime

#include "smime/scan.h"

#include <gtest/gtest.h>

namespace signet::smime {
namespace {

using Texts = std::vector<std::string>;

const std::string multipart_header = "Content-Type: multipart/mixed; boundary=b\n\n";

class Scanned {
  public:
    explicit Scanned(std::string text, bool measure_hazards = false) : m_text(std::move(text)) {
        auto scanned = scan_mail(TextSource(m_text), {.measure_hazards = measure_hazards});
        EXPECT_TRUE(scanned) << scanned.error().detail;
        m_root = std::move(*scanned);
    }

    [[nodiscard]] const MimePart& root() const { return *m_root; }
    [[nodiscard]] const MimePart& part(std::size_t index) const { return *m_root->parts.at(index); }
    [[nodiscard]] std::string text(Range range) const { return m_text.substr(range.begin, range.size()); }

    [[nodiscard]] Texts parts() const {
        Texts texts;
        for (const auto& part : m_root->parts) {
            texts.push_back(text(part->range));
        }
        return texts;
    }

  private:
    std::string m_text;
    MimePartPointer m_root;
};

Texts parts_of(const std::string& body) {
    return Scanned(multipart_header + body).parts();
}

ErrorCode error_of(const std::string& mail) {
    const auto scanned = scan_mail(TextSource(mail));
    EXPECT_FALSE(scanned);
    return scanned ? ErrorCode::unsupported : scanned.error().code;
}

TEST(Scan, LeavesTheLineBreakBeforeABoundaryToTheBoundary) {
    const Scanned mail(multipart_header + "--b\r\n\r\n1\r\n\r\n--b\r\n\r\n2\r\n--b--\r\n");
    EXPECT_EQ(mail.parts(), (Texts{"\r\n1\r\n", "\r\n2"}));
    EXPECT_EQ(mail.text(mail.part(0).body), "1\r\n");
    EXPECT_TRUE(mail.root().closed);
}

TEST(Scan, ReadsLfAndBlanksAfterBoundaries) {
    const Scanned mail(multipart_header + "pre\n--b \t\n\n1\n--b\n\n2\n--b-- \nepi");
    EXPECT_EQ(mail.text(mail.root().preamble), "pre");
    EXPECT_EQ(mail.parts(), (Texts{"\n1", "\n2"}));
    EXPECT_EQ(mail.text(mail.root().epilogue), "epi");
}

TEST(Scan, IsNotMisledByALineThatBeginsLikeTheBoundary) {
    EXPECT_EQ(parts_of("--b\n\n--bb\n--b-\n --b\n--b--\n"), (Texts{"\n--bb\n--b-\n --b"}));
}

TEST(Scan, KeepsEmptyParts) {
    EXPECT_EQ(parts_of("--b\r\n--b\r\n\r\n--b--"), (Texts{"", ""}));
}

TEST(Scan, TakesAHeaderWithoutBodyForAPart) {
    const Scanned mail(multipart_header + "--b\nContent-Type: text/html\n--b--\n");
    EXPECT_EQ(mail.part(0).header_text, "Content-Type: text/html");
    EXPECT_EQ(mail.part(0).type.type, "text/html");
    EXPECT_EQ(mail.part(0).body.size(), 0U);
}

TEST(Scan, SaysThatTheLastBoundaryIsMissing) {
    const Scanned mail(multipart_header + "--b\n\n1\n--b\n\n2\n");
    EXPECT_FALSE(mail.root().closed);
    EXPECT_EQ(mail.parts(), (Texts{"\n1", "\n2\n"}));
}

TEST(Scan, LetsAnOuterBoundaryEndInnerParts) {
    const Scanned mail(multipart_header +
                       "--b\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\n1\n--b\n\n2\n--i\n--b--\n");
    ASSERT_EQ(mail.root().parts.size(), 2U);
    ASSERT_EQ(mail.part(0).parts.size(), 1U);
    EXPECT_FALSE(mail.part(0).closed);
    EXPECT_EQ(mail.text(mail.part(0).parts[0]->range), "\n1");
    EXPECT_EQ(mail.text(mail.part(1).body), "2\n--i");
}

TEST(Scan, LooksIntoAForwardedMail) {
    const Scanned mail("Content-Type: message/rfc822\n\nFrom x\nSubject: inner\n\ntext\n");
    ASSERT_EQ(mail.root().kind, PartKind::message);
    EXPECT_NE(mail.part(0).header.find("Subject"), nullptr);
    EXPECT_EQ(mail.text(mail.part(0).body), "text\n");
}

TEST(Scan, DoesNotLookIntoAnEncodedForwardedMail) {
    const Scanned mail(
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKeA==\n");
    EXPECT_EQ(mail.root().kind, PartKind::leaf);
}

TEST(Scan, KnowsTheLineBreaksOfAPartButNotThoseOfItsBoundary) {
    const Scanned mail(multipart_header + "--b\r\n\r\n1\r\n2\n--b\n\n3\n--b\n\n\r4\n--b--\n");
    EXPECT_TRUE(mail.part(0).line_breaks.only_crlf());
    EXPECT_TRUE(mail.part(1).line_breaks.only_lf());
    EXPECT_TRUE(mail.part(2).line_breaks.lone_cr);
    EXPECT_TRUE(mail.root().line_breaks.lf && mail.root().line_breaks.crlf);
}

TEST(Scan, MeasuresWhatTransportsMayDamage) {
    const auto damaged = [](const std::string& body) {
        return Scanned("A: b\n\n" + body, true).root().hazards.may_be_damaged;
    };
    EXPECT_FALSE(damaged("plain\r\n>From\tme\nFrom: me"));
    EXPECT_TRUE(damaged("gr\xc3\xbc\xc3\x9f\n"));
    EXPECT_TRUE(damaged("blank \n"));
    EXPECT_TRUE(damaged("blank at the end\t"));
    EXPECT_TRUE(damaged("x\nFrom me\n"));
    EXPECT_TRUE(damaged("a\rb\n"));
    EXPECT_TRUE(damaged(std::string("\0", 1)));
    EXPECT_FALSE(damaged(std::string(998, 'x') + "\r\n"));
    EXPECT_TRUE(damaged(std::string(999, 'x') + "\r\n"));
}

TEST(Scan, ReadsLinesThatAreLongerThanItsBlocks) {
    const std::string line(3 * stream_block_size + 7, '-');
    const Scanned mail(multipart_header + "--b\n\n" + line + "\r\n--b\n\n2\n--b--\n", true);
    EXPECT_EQ(mail.parts(), (Texts{"\n" + line, "\n2"}));
    EXPECT_TRUE(mail.part(0).hazards.may_be_damaged);
}

TEST(Scan, FindsABoundaryWhereverABlockEnds) {
    for (std::size_t shift = 0; shift < 12; ++shift) {
        const std::string filling(stream_block_size - multipart_header.size() - 16 + shift, 'x');
        EXPECT_EQ(parts_of("--b\n\n" + filling + "\r\n--b\r\n\r\n2\r\n--b--\r\n"),
                  (Texts{"\n" + filling, "\r\n2"}));
    }
}

TEST(Scan, TakesABoundaryOnceInWhateverForm) {
    for (const char* boundary :
         {"boundary=b; x=y", "boundary=b; x=\"\\y\"", "boundary*=us-ascii''b", "boundary*0=b",
          "boundary*0=be; boundary*1*=nd", "Boundary (comment) = b", "boundary=b; name=\"boundary=c\""}) {
        const Scanned mail("Content-Type: multipart/mixed; " + std::string(boundary) + "\n\n--b--\n");
        EXPECT_FALSE(mail.root().flaw) << boundary;
    }
    for (const char* boundary : {"boundary=b; BOUNDARY=b", "boundary=b; boundary*=us-ascii''c",
                                 "boundary*0=b; boundary*00=c", "boundary*0=b; boundary*1=c; boundary*1*=d",
                                 "boundary=b; boundary*1=c", "boundary=b; x=\"\\\"; boundary=c"}) {
        const Scanned mail("Content-Type: multipart/mixed; " + std::string(boundary) + "\n\n--b--\n");
        EXPECT_TRUE(mail.root().flaw) << boundary;
    }
}

TEST(Scan, TakesAPartWithAHeaderThatIsNoneForALeafWithAFlaw) {
    const Scanned mail(multipart_header + "--b\nno field\n\n1\n--b--\n");
    ASSERT_TRUE(mail.part(0).flaw);
    EXPECT_EQ(mail.part(0).flaw->code, ErrorCode::malformed);
    EXPECT_EQ(mail.text(mail.part(0).body), "1");
}

TEST(Scan, RefusesAMailWithoutAHeader) {
    EXPECT_EQ(error_of(""), ErrorCode::malformed);
    EXPECT_EQ(error_of("\ntext\n"), ErrorCode::malformed);
    EXPECT_EQ(error_of("text\n\n"), ErrorCode::malformed);
}

TEST(Scan, MarksAMultipartWithoutAUsableBoundary) {
    EXPECT_TRUE(Scanned("Content-Type: multipart/mixed\n\n--\n").root().flaw);
    EXPECT_TRUE(
        Scanned("Content-Type: multipart/mixed; boundary=" + std::string(251, 'b') + "\n\n").root().flaw);
}

TEST(Scan, BoundsPartsHeadersAndNesting) {
    std::string parts;
    for (int i = 0; i < 10010; ++i) {
        parts += "--b\n";
    }
    EXPECT_EQ(error_of(multipart_header + parts), ErrorCode::too_large);
    EXPECT_EQ(error_of("A: " + std::string((1 << 20) + 1, 'x') + "\n\n"), ErrorCode::too_large);

    std::string nested;
    for (int i = 0; i < 40; ++i) {
        nested += "Content-Type: message/rfc822\n\n";
    }
    const Scanned deep(nested);
    const MimePart* part = &deep.root();
    while (!part->parts.empty()) {
        part = part->parts[0].get();
    }
    ASSERT_TRUE(part->flaw);
    EXPECT_EQ(part->flaw->code, ErrorCode::too_large);
}

}  // namespace
}  // namespace signet::smime

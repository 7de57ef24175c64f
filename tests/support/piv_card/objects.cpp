#include "tests/support/piv_card/objects.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace signet::test::piv_card {
namespace {

constexpr std::array<std::uint32_t, 5> objects_behind_pin{0x5FC103, 0x5FC108, 0x5FC109, 0x5FC121, 0x5FC123};
constexpr std::uint8_t gzip_information = 0x01;
constexpr std::uint8_t old_gzip_information = 0x80;
constexpr int window_bits = 15;
constexpr int gzip_wrapper = 16;  // added to the window bits, as zlib has it

Bytes deflated(ByteView plain, int window) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("deflateInit2");
    }
    Bytes out(deflateBound(&stream, plain.size()));
    stream.next_in = const_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) {
        throw std::runtime_error("deflate");
    }
    return out;
}

Bytes net_id_certificate(ByteView certificate) {
    Bytes out{0x01, 0x00, static_cast<std::uint8_t>(certificate.size()),
              static_cast<std::uint8_t>(certificate.size() >> 8)};
    append(out, deflated(certificate, window_bits));
    return out;
}

}  // namespace

bool needs_pin(std::uint32_t tag) {
    return std::find(objects_behind_pin.begin(), objects_behind_pin.end(), tag) != objects_behind_pin.end();
}

bool holds_certificate(std::uint32_t tag) {
    constexpr std::array<std::uint32_t, 4> standard{0x5FC101, 0x5FC105, 0x5FC10A, 0x5FC10B};
    return std::find(standard.begin(), standard.end(), tag) != standard.end() ||
           (tag >= 0x5FC10D && tag <= 0x5FC120);
}

Bytes discovery_content(const Settings& settings) {
    const bool derived = settings.application == Application::derived;
    Bytes content = element(0x4F, Bytes{0xA0, 0, 0, 0x03, 0x08, 0, 0,
                                        static_cast<std::uint8_t>(derived ? 0x20 : 0x10), 0, 0x01, 0});
    const std::uint8_t policy = settings.global_pin ? 0x60 : 0x40;
    const std::uint8_t primary = !settings.global_pin ? 0x00 : settings.global_pin_is_primary ? 0x20 : 0x10;
    append_element(content, 0x5F2F, Bytes{policy, primary});
    return content;
}

Bytes in_form(CertificateForm form, ByteView content) {
    const auto elements = parse_elements(content);
    const auto* const certificate = elements ? find(*elements, 0x70) : nullptr;
    if (form == CertificateForm::stored || certificate == nullptr) {
        return {content.begin(), content.end()};
    }
    Bytes out;
    if (form == CertificateForm::net_id) {
        append_element(out, 0x70, net_id_certificate(certificate->value));
        append_element(out, 0x71, Bytes{gzip_information});
    } else {
        append_element(out, 0x70, deflated(certificate->value, window_bits + gzip_wrapper));
        append_element(out, 0x71,
                       Bytes{form == CertificateForm::gzip ? gzip_information : old_gzip_information});
    }
    append_element(out, 0xFE, {});
    return out;
}

}  // namespace signet::test::piv_card

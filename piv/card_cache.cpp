#include "piv/card_cache.h"

#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/whole_file.h"
#include "piv/tlv.h"
#include "token/digest.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace signet::piv {
namespace {

constexpr std::uint8_t file_version = 1;
// Far above 24 certificates of the usual size.
constexpr std::size_t max_file_size = std::size_t{1} << 20;
constexpr std::size_t max_elements = 128;
// What any response in short form has room for.
constexpr std::size_t identifying_size = 200;

namespace tag {
constexpr std::uint32_t version = 0xc0;
constexpr std::uint32_t application = 0xc1;
constexpr std::uint32_t form = 0xc2;
constexpr std::uint32_t firmware = 0xc3;
constexpr std::uint32_t serial = 0xc4;
constexpr std::uint32_t object = 0xc5;    // four octets of tag, then the answer
constexpr std::uint32_t metadata = 0xc6;  // one octet of key reference, then the answer
}  // namespace tag

std::array<std::uint8_t, 4> big_endian(std::uint32_t number) {
    return {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
            static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

std::uint32_t number_of(ByteView octets) {
    std::uint32_t number = 0;
    for (const std::uint8_t octet : octets.first(4)) {
        number = number << 8 | octet;
    }
    return number;
}

void append_keyed(Bytes& out, std::uint32_t tag, ByteView key, ByteView value) {
    Bytes content(key.begin(), key.end());
    content.insert(content.end(), value.begin(), value.end());
    append_tlv(out, tag, content);
}

Failure damaged() {
    return failure(ErrorCode::malformed, "read card cache", "not a card's image");
}

// One octet that is 0 or 1.
std::optional<bool> switch_in(const std::vector<Tlv>& elements, std::uint32_t tag) {
    const Tlv* element = find_tlv(elements, tag);
    if (element == nullptr || element->value.size() != 1 || element->value.front() > 1) {
        return std::nullopt;
    }
    return element->value.front() == 1;
}

// Whether the element makes sense; others than these two kinds are read elsewhere.
bool take(const Tlv& element, CardImage& image) {
    const ByteView value = element.value;
    if (element.tag == tag::object) {
        if (value.size() < 4 || value.size() > 4 + max_response_size) {
            return false;
        }
        image.objects.insert_or_assign(number_of(value), Bytes(value.begin() + 4, value.end()));
    } else if (element.tag == tag::metadata) {
        if (value.empty()) {
            return false;
        }
        image.metadata.insert_or_assign(static_cast<KeyReference>(value.front()),
                                        Bytes(value.begin() + 1, value.end()));
    }
    return true;
}

}  // namespace

Bytes encode(const CardImage& image) {
    Bytes out;
    append_tlv(out, tag::version, std::array{file_version});
    append_tlv(out, tag::application, std::array{static_cast<std::uint8_t>(image.application)});
    append_tlv(out, tag::form, std::array{static_cast<std::uint8_t>(image.form)});
    if (image.firmware) {
        append_tlv(out, tag::firmware, *image.firmware);
    }
    if (image.serial) {
        append_tlv(out, tag::serial, big_endian(*image.serial));
    }
    for (const auto& [object, answer] : image.objects) {
        append_keyed(out, tag::object, big_endian(object), answer);
    }
    for (const auto& [key, answer] : image.metadata) {
        append_keyed(out, tag::metadata, std::array{static_cast<std::uint8_t>(key)}, answer);
    }
    return out;
}

Result<CardImage> decode_card_image(ByteView octets) {
    SIGNET_TRY(const auto elements, parse_tlvs(octets));
    if (elements.empty() || elements.size() > max_elements || elements.front().tag != tag::version ||
        elements.front().value.size() != 1 || elements.front().value.front() != file_version) {
        return damaged();
    }
    const auto application = switch_in(elements, tag::application);
    const auto form = switch_in(elements, tag::form);
    const Tlv* firmware = find_tlv(elements, tag::firmware);
    const Tlv* serial = find_tlv(elements, tag::serial);
    if (!application || !form || (firmware != nullptr && firmware->value.size() != Version{}.size()) ||
        (serial != nullptr && serial->value.size() != 4)) {
        return damaged();
    }
    CardImage image{.application = static_cast<Application>(*application),
                    .form = static_cast<LengthForm>(*form),
                    .firmware = std::nullopt,
                    .serial = std::nullopt,
                    .objects = {},
                    .metadata = {}};
    if (firmware != nullptr) {
        std::copy(firmware->value.begin(), firmware->value.end(), image.firmware.emplace().begin());
    }
    if (serial != nullptr) {
        image.serial = number_of(serial->value);
    }
    if (!std::all_of(elements.begin(), elements.end(),
                     [&image](const Tlv& element) { return take(element, image); })) {
        return damaged();
    }
    return image;
}

std::optional<std::string> cache_name(Application application, ByteView identifier_block,
                                      ByteView certificate_block) {
    const bool identified = !identifier_block.empty();
    const ByteView block = identified ? identifier_block : certificate_block;
    if (block.empty()) {
        return std::nullopt;
    }
    Bytes content{static_cast<std::uint8_t>(application), static_cast<std::uint8_t>(identified)};
    const ByteView beginning = block.first(std::min(block.size(), identifying_size));
    content.insert(content.end(), beginning.begin(), beginning.end());
    const auto digest = token::digest(HashAlgorithm::sha256, content);
    return digest ? std::optional(to_hex(*digest)) : std::nullopt;
}

std::optional<std::string> cache_name(const CardImage& image) {
    const auto answer = [&image](std::uint32_t object) {
        const auto found = image.objects.find(object);
        return found != image.objects.end() ? ByteView(found->second) : ByteView();
    };
    return cache_name(image.application, answer(object::card_holder_unique_identifier),
                      answer(*certificate_object(authentication_key)));
}

CardCache::CardCache(std::filesystem::path directory, std::string_view reader)
    : m_directory(std::move(directory)) {
    if (const auto digest = token::digest(HashAlgorithm::sha256, as_bytes(reader))) {
        m_prefix = to_hex(ByteView(*digest).first(8)) + "-";
    }
}

std::filesystem::path CardCache::path(const std::string& name) const {
    return m_directory / (m_prefix + name);
}

std::optional<CardImage> CardCache::load(const std::string& name) const {
    const auto content = read_file(path(name), max_file_size);
    if (!content) {
        return std::nullopt;
    }
    auto image = decode_card_image(as_bytes(*content));
    if (!image) {
        log::warning("the cache of a card is damaged: " + path(name).string());
        return std::nullopt;
    }
    return *std::move(image);
}

void CardCache::keep(const std::string& name, const CardImage& image) const {
    const Bytes content = encode(image);
    if (content.size() > max_file_size) {
        return;
    }
    if (const auto written = replace_file(path(name), content, Durability::may_be_lost); !written) {
        log::warning("cannot keep what a card holds: " + written.error().detail);
    }
}

void CardCache::remove(const std::string& name) const {
    (void)unlink(path(name).c_str());
}

}  // namespace signet::piv

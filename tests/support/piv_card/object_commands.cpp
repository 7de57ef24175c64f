#include "tests/support/piv_card/commands.h"
#include "tests/support/piv_card/objects.h"

namespace signet::test::piv_card {
namespace {

bool addresses_objects(const Command& command) {
    return command.p1 == 0x3F && command.p2 == 0xFF;
}

std::optional<std::uint32_t> tag_of(const Element* list) {
    if (list == nullptr || list->value.empty() || list->value.size() > 3) {
        return std::nullopt;
    }
    std::uint32_t tag = 0;
    for (const auto octet : list->value) {
        tag = tag << 8 | octet;
    }
    return tag;
}

// A tag that an object may have: the interindustry ones of SP 800-73, and 5Fxxxx.
bool is_object(std::uint32_t tag) {
    return tag == discovery_object || tag == biometric_group_object || (tag & 0xFF0000) == 0x5F0000;
}

Response absent(const Applet& applet) {
    if (applet.settings().absent_objects_are_unsupported) {
        return status::unsupported;
    }
    return applet.settings().absent_objects_are_empty ? Response(element(0x53, {})) : status::not_found;
}

// The discovery object is the card's own until somebody writes another.
std::optional<Bytes> content_of(Applet& applet, std::uint32_t tag) {
    if (tag == discovery_object && !applet.settings().discovery) {
        return std::nullopt;
    }
    const auto found = applet.state().objects.find(tag);
    if (found != applet.state().objects.end()) {
        return holds_certificate(tag) ? in_form(applet.settings().certificates, found->second)
                                      : found->second;
    }
    if (tag == discovery_object) {
        return discovery_content(applet.settings());
    }
    return std::nullopt;
}

Response store(Applet& applet, std::uint32_t tag, ByteView content) {
    if (content.empty()) {
        applet.state().objects.erase(tag);
        return {};
    }
    if (content.size() > applet.settings().largest_object) {
        return status::no_space;
    }
    applet.state().objects[tag].assign(content.begin(), content.end());
    return {};
}

}  // namespace

Response get_data(Applet& applet, const Command& command) {
    if (!addresses_objects(command)) {
        return status::bad_parameters;
    }
    const auto elements = parse_elements(command.data);
    const auto tag = elements && elements->size() == 1 ? tag_of(find(*elements, 0x5C)) : std::nullopt;
    if (!tag || !is_object(*tag)) {
        return elements && tag ? status::not_found : status::bad_data;
    }
    if (needs_pin(*tag) && !applet.pin_verified()) {
        return status::not_authorized;
    }
    const auto content = content_of(applet, *tag);
    const bool bare = *tag == discovery_object || *tag == biometric_group_object;
    if (!content) {
        return bare && !applet.settings().absent_objects_are_unsupported ? Response(status::not_found)
                                                                         : absent(applet);
    }
    return Response(element(bare ? *tag : 0x53, *content));
}

Response put_data(Applet& applet, const Command& command) {
    if (!addresses_objects(command)) {
        return status::bad_parameters;
    }
    if (!applet.session().administrator) {
        return status::not_authorized;
    }
    const auto elements = parse_elements(command.data);
    if (!elements || elements->empty()) {
        return status::bad_data;
    }
    const auto& first = elements->front();
    if (elements->size() == 1 && (first.tag == discovery_object || first.tag == biometric_group_object)) {
        return store(applet, first.tag, first.value);
    }
    const auto tag = tag_of(find(*elements, 0x5C));
    const auto* const content = find(*elements, 0x53);
    if (elements->size() != 2 || !tag || !is_object(*tag) || content == nullptr) {
        return status::bad_data;
    }
    return store(applet, *tag, content->value);
}

}  // namespace signet::test::piv_card

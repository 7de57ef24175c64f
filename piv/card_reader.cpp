#include "piv/card_reader.h"

#include "base/log.h"
#include "piv/tlv.h"

#include <algorithm>
#include <vector>

namespace signet::piv {
namespace {

// Any of those whose content is in 53.
constexpr std::uint32_t no_object = 0;

// Whether the beginning of an answer is that of one from before.
bool begins(const Response& block, const Bytes& before) {
    const bool more = may_go_on(block);
    if (before.empty()) {
        const auto content = content_of(block, no_object);
        return !more && !content && content.error().code != ErrorCode::malformed;
    }
    if ((!block.status.success() && !more) || block.data.size() > before.size() ||
        !std::equal(block.data.begin(), block.data.end(), before.begin())) {
        return false;
    }
    return more ? tlv_size(block.data) == before.size() : block.data.size() == before.size();
}

const Bytes& answer_in(const CardImage& image, std::uint32_t object) {
    static const Bytes none;
    const auto found = image.objects.find(object);
    return found != image.objects.end() ? found->second : none;
}

const Bytes& certificate_in(const CardImage& image) {
    return answer_in(image, *certificate_object(authentication_key));
}

// The certificate that shows that the card is the known one.
std::uint32_t telling_certificate(const CardImage& image, std::size_t round) {
    const auto first = *certificate_object(authentication_key);
    if (answer_in(image, object::card_holder_unique_identifier).empty()) {
        return first;
    }
    std::vector<std::uint32_t> certificates;
    for (const KeyReference key : mail_keys()) {
        const auto object = *certificate_object(key);
        if (!answer_in(image, object).empty()) {
            certificates.push_back(object);
        }
    }
    return certificates.empty() ? first : certificates[round % certificates.size()];
}

// An answer that says that there is such an object, in whatever state it is.
bool is_present(const Response& answer) {
    return answer.status.success() || answer.status.more();
}

// Neither an object nor one of the ways in which cards say that there is none: damaged, perhaps.
bool is_odd(const Response& answer, std::uint32_t object) {
    const auto content = content_of(answer, object);
    if (content) {
        return false;
    }
    const ErrorCode code = content.error().code;
    return code == ErrorCode::malformed || code == ErrorCode::driver_failed;
}

class Reader {
  public:
    Reader(const PresentCard& card, const CardCache& cache, RetiredKeys retired)
        : m_card(card), m_cache(cache), m_retired(retired) {}

    Result<Recognition> recognise(const CardImage* known, std::size_t round);

  private:
    [[nodiscard]] Card card(LengthForm form) const { return {m_card.transmitter, form}; }
    Result<void> select(const CardImage* known);
    // The image that this card may have, by what is read first.
    Result<std::optional<CardImage>> candidate(const CardImage* known);
    Result<bool> is_still(const CardImage& image, std::size_t round);
    Result<Response> first_block(std::uint32_t object);
    // Nothing in it where the card does not tell.
    [[nodiscard]] Result<PinStatus> pin_status() const;

    Result<void> read_everything();
    Result<void> read_vendor_facts();
    Result<void> read_key(KeyReference key);
    Result<void> read_retired_keys();
    Result<void> look_beyond_history(int claimed);
    Result<void> scan_retired_keys(int from);
    // Whether something is there.
    Result<bool> look_at_retired_place(KeyReference key);
    Result<void> read_metadata(KeyReference key);
    // Whether it is there.
    Result<bool> read(std::uint32_t object);
    Result<Response> read_answer(std::uint32_t object);
    void keep_answer(std::uint32_t object, const Response& answer);
    [[nodiscard]] bool has_metadata() const {
        return m_image.firmware && *m_image.firmware >= first_version_with_metadata;
    }

    PresentCard m_card;
    const CardCache& m_cache;
    const RetiredKeys m_retired;
    CardImage m_image;
    bool m_form_known = false;
    bool m_certificate_seen = false;  // the telling one was compared already
    bool m_complete = true;           // every answer made sense
};

Result<void> Reader::select(const CardImage* known) {
    const Application first = known != nullptr ? known->application : Application::piv;
    const Application second = first == Application::piv ? Application::derived_piv : Application::piv;
    m_image.application = first;
    auto selected = piv::select(card(LengthForm::short_form), first);
    if (!selected && is_card_answer(selected.error())) {
        m_image.application = second;
        selected = piv::select(card(LengthForm::short_form), second);
    }
    if (!selected && is_card_answer(selected.error())) {
        return failure(ErrorCode::token_not_found, "SELECT", "no PIV card");
    }
    // What it answers is not needed; cards leave out all sorts of it.
    if (!selected && selected.error().code != ErrorCode::malformed) {
        return Failure(std::move(selected).error());
    }
    return {};
}

Result<Response> Reader::first_block(std::uint32_t object) {
    return get_first_block(card(LengthForm::short_form), object);
}

Result<std::optional<CardImage>> Reader::candidate(const CardImage* known) {
    constexpr std::uint32_t identifier = object::card_holder_unique_identifier;
    SIGNET_TRY(Response block, first_block(identifier));
    if (known != nullptr && known->application == m_image.application &&
        begins(block, answer_in(*known, identifier))) {
        return *known;
    }
    const bool identified = content_of(block, identifier).has_value() || may_go_on(block);
    Response certificate;
    if (!identified) {
        SIGNET_TRY(certificate, first_block(*certificate_object(authentication_key)));
    }
    const auto name = cache_name(m_image.application, identified ? ByteView(block.data) : ByteView(),
                                 is_present(certificate) ? ByteView(certificate.data) : ByteView());
    auto image = name ? m_cache.load(*name) : std::nullopt;
    m_certificate_seen = !identified && image && begins(certificate, certificate_in(*image));
    if (image && begins(block, answer_in(*image, identifier)) && (identified || m_certificate_seen)) {
        return image;
    }
    // Unknown: what was begun is read to its end at once.
    Response& begun = identified ? block : certificate;
    SIGNET_TRY(begun, fetch_rest(m_card.transmitter, std::move(begun)));
    keep_answer(identifier, block);
    if (!identified) {
        keep_answer(*certificate_object(authentication_key), certificate);
    }
    return std::nullopt;
}

Result<bool> Reader::is_still(const CardImage& image, std::size_t round) {
    if (!m_certificate_seen) {
        const std::uint32_t certificate = telling_certificate(image, round);
        SIGNET_TRY(const Response block, first_block(certificate));
        if (!begins(block, answer_in(image, certificate))) {
            return false;
        }
    }
    // The derived application was the second that was tried: that took the command that this would take.
    if (image.application == Application::derived_piv) {
        return true;
    }
    SIGNET_TRY(const Response block, first_block(object::key_history));
    return begins(block, answer_in(image, object::key_history));
}

Result<PinStatus> Reader::pin_status() const {
    auto status = piv::pin_status(card(LengthForm::short_form), pin_reference_of(m_image));
    if (!status && is_card_answer(status.error())) {
        return PinStatus{};
    }
    return status;
}

Result<Recognition> Reader::recognise(const CardImage* known, std::size_t round) {
    SIGNET_CHECK(select(known));
    SIGNET_TRY(auto image, candidate(known));
    bool is_known = false;
    if (image) {
        SIGNET_TRY(is_known, is_still(*image, round));
    }
    if (is_known) {
        m_image = *std::move(image);
    } else {
        SIGNET_CHECK(read_everything());
    }
    SIGNET_TRY(const PinStatus pin, pin_status());
    if (const auto name = cache_name(m_image); name && !is_known && m_complete) {
        m_cache.keep(*name, m_image);
    }
    return Recognition{
        .image = std::move(m_image), .pin = pin, .was_known = is_known, .complete = m_complete};
}

Result<void> Reader::read_everything() {
    SIGNET_CHECK(read_vendor_facts());
    for (const std::uint32_t object :
         {object::card_holder_unique_identifier, object::discovery, object::key_history}) {
        SIGNET_CHECK(read(object));
    }
    for (const KeyReference key :
         {authentication_key, signature_key, key_management_key, card_authentication_key}) {
        SIGNET_CHECK(read_key(key));
    }
    return read_retired_keys();
}

// A card that does not know a command is none of Yubico's; anything but an answer is a failure.
template <class T>
Result<std::optional<T>> if_known(Result<T> answer) {
    if (answer) {
        return std::optional<T>(*std::move(answer));
    }
    const ErrorCode code = answer.error().code;
    if (code == ErrorCode::unsupported || code == ErrorCode::key_not_found) {
        return std::optional<T>();
    }
    return Failure(std::move(answer).error());
}

Result<void> Reader::read_vendor_facts() {
    SIGNET_TRY(m_image.firmware, if_known(firmware_version(card(LengthForm::short_form))));
    if (m_image.firmware) {
        SIGNET_TRY(m_image.serial, if_known(serial_number(card(LengthForm::short_form))));
    }
    return {};
}

Result<Response> Reader::read_answer(std::uint32_t object) {
    if (m_form_known) {
        return get_raw_data(card(m_image.form), object);
    }
    m_form_known = true;
    if (m_card.extended_possible) {
        const auto answer = get_raw_data(card(LengthForm::extended), object);
        if (answer && (answer->status.success() || answer->status == status::not_found)) {
            m_image.form = LengthForm::extended;
            return answer;
        }
    }
    return get_raw_data(card(LengthForm::short_form), object);
}

void Reader::keep_answer(std::uint32_t object, const Response& answer) {
    const bool readable = content_of(answer, object).has_value();
    m_image.objects.insert_or_assign(object, readable ? answer.data : Bytes());
    if (is_odd(answer, object)) {
        log::warning("left out an object of a card that makes no sense");
        m_complete = false;
    }
}

Result<bool> Reader::read(std::uint32_t object) {
    if (!m_image.objects.contains(object)) {
        SIGNET_TRY(Response answer, read_answer(object));
        if (is_odd(answer, object)) {
            SIGNET_TRY(answer, read_answer(object));
        }
        keep_answer(object, answer);
    }
    return !m_image.objects.at(object).empty();
}

Result<void> Reader::read_metadata(KeyReference key) {
    if (!has_metadata() || m_image.metadata.contains(key)) {
        return {};
    }
    auto answer = get_metadata(card(m_image.form), static_cast<std::uint8_t>(key));
    if (answer) {
        m_image.metadata.insert_or_assign(key, *std::move(answer));
        return {};
    }
    if (answer.error().code == ErrorCode::key_not_found) {
        m_image.metadata.insert_or_assign(key, Bytes());
        return {};
    }
    return answer.error().code == ErrorCode::unsupported ? Result<void>()
                                                         : Failure(std::move(answer).error());
}

Result<void> Reader::read_key(KeyReference key) {
    SIGNET_CHECK(read_metadata(key));
    SIGNET_CHECK(read(*certificate_object(key)));
    return {};
}

KeyReference retired_key(int index) {
    return static_cast<KeyReference>(static_cast<int>(first_retired_key) + index);
}

Result<void> Reader::read_retired_keys() {
    const auto object = m_image.object(object::key_history);
    const auto history = object ? key_history_of(*object) : Result<KeyHistory>(Failure(object.error()));
    if (!history || m_retired == RetiredKeys::all) {
        return scan_retired_keys(0);
    }
    for (int i = 0; i < history->on_card; ++i) {
        SIGNET_CHECK(read_key(retired_key(i)));
        if (answer_in(m_image, *certificate_object(retired_key(i))).empty()) {
            return scan_retired_keys(i + 1);
        }
    }
    for (int i = history->on_card; i < history->on_card + history->off_card; ++i) {
        SIGNET_CHECK(read_metadata(retired_key(i)));
    }
    return look_beyond_history(history->on_card + history->off_card);
}

Result<void> Reader::look_beyond_history(int claimed) {
    if (!has_metadata() || claimed == retired_key_count) {
        return {};
    }
    SIGNET_TRY(const bool occupied, look_at_retired_place(retired_key(claimed)));
    return occupied ? scan_retired_keys(claimed + 1) : Result<void>();
}

Result<void> Reader::scan_retired_keys(int from) {
    for (int i = from; i < retired_key_count; ++i) {
        SIGNET_CHECK(look_at_retired_place(retired_key(i)));
    }
    return {};
}

// Where the card tells which keys it has, certificates of others are not looked for.
Result<bool> Reader::look_at_retired_place(KeyReference key) {
    SIGNET_CHECK(read_metadata(key));
    const auto told = m_image.metadata.find(key);
    if (told == m_image.metadata.end()) {
        return read(*certificate_object(key));
    }
    if (told->second.empty()) {
        return false;
    }
    SIGNET_CHECK(read(*certificate_object(key)));
    return true;
}

}  // namespace

Result<Recognition> recognise(const PresentCard& card, const CardImage* known, const CardCache& cache,
                              std::size_t round, RetiredKeys retired) {
    return Reader(card, cache, retired).recognise(known, round);
}

PinReference pin_reference_of(const CardImage& image) {
    const auto object = image.object(object::discovery);
    const auto discovery = object ? discovery_of(*object) : Result<Discovery>(Failure(object.error()));
    const bool global = discovery && discovery->global_pin &&
                        (discovery->global_pin_is_primary || !discovery->application_pin);
    return global ? PinReference::global : PinReference::application;
}

}  // namespace signet::piv

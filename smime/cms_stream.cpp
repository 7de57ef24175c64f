#include "smime/cms_stream.h"

#include "smime/ber.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <vector>

namespace signet::smime {
namespace {

constexpr std::size_t max_structure_size = std::size_t{4} << 20;
constexpr std::string_view end_of_contents{"\0\0", 2};

using ObjectPointer = x509::Pointer<ASN1_OBJECT, ASN1_OBJECT_free>;
using AlgorithmPointer = x509::Pointer<X509_ALGOR, X509_ALGOR_free>;
using OctetStringPointer = x509::Pointer<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

Failure malformed_cms(std::string detail) {
    ERR_clear_error();
    return failure(ErrorCode::malformed, "read CMS", std::move(detail));
}

CmsType type_of(const ASN1_OBJECT* identifier) {
    switch (OBJ_obj2nid(identifier)) {
        case NID_pkcs7_data:
            return CmsType::data;
        case NID_pkcs7_signed:
            return CmsType::signed_data;
        case NID_pkcs7_enveloped:
            return CmsType::enveloped_data;
        case NID_pkcs7_digest:
            return CmsType::digested_data;
        case NID_pkcs7_encrypted:
            return CmsType::encrypted_data;
        case NID_id_smime_ct_authData:
            return CmsType::authenticated_data;
        case NID_id_smime_ct_compressedData:
            return CmsType::compressed_data;
        case NID_id_smime_ct_authEnvelopedData:
            return CmsType::auth_enveloped_data;
        default:
            return CmsType::unknown;
    }
}

bool is_read(CmsType type) {
    return type == CmsType::signed_data || type == CmsType::enveloped_data ||
           type == CmsType::auth_enveloped_data || type == CmsType::compressed_data;
}

bool is_encrypted(CmsType type) {
    return type == CmsType::enveloped_data || type == CmsType::auth_enveloped_data;
}

std::string dotted(const ASN1_OBJECT* identifier) {
    std::array<char, 128> text{};
    const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), identifier, 1);
    return size > 0 && static_cast<std::size_t>(size) < text.size() ? text.data() : "";
}

ObjectPointer parse_identifier(std::string_view octets) {
    const auto bytes = as_bytes(octets);
    const unsigned char* position = bytes.data();
    return ObjectPointer(d2i_ASN1_OBJECT(nullptr, &position, static_cast<long>(bytes.size())));
}

// Names of algorithms that OpenSSL 3.0 does not know.
std::string_view foreign_name(std::string_view identifier) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names{{
        {"1.2.840.113549.1.9.16.3.18", "ChaCha20-Poly1305"},
        {"1.2.840.113549.1.9.16.3.19", "ECDH with HKDF-SHA256"},
        {"1.2.840.113549.1.9.16.3.20", "ECDH with HKDF-SHA384"},
        {"1.2.840.113549.1.9.16.3.21", "ECDH with HKDF-SHA512"},
        {"1.2.840.113549.1.9.16.3.31", "CEK-HKDF-SHA256"},
    }};
    const auto* const name = std::find_if(
        names.begin(), names.end(), [identifier](const auto& entry) { return entry.first == identifier; });
    return name == names.end() ? identifier : name->second;
}

// Reads one structure. Around the content, constructed elements are written out with indefinite lengths,
// since those of the original count the content.
class StructureReader {
  public:
    StructureReader(ReaderFactory octets, Trailer trailer)
        : m_octets(octets()), m_ber(*m_octets), m_trailer(trailer) {
        m_opened.octets = std::move(octets);
    }

    Result<OpenedCms> run() {
        SIGNET_CHECK(open(BerClass::universal, ber_sequence));
        SIGNET_CHECK(read_type());
        if (!is_read(m_opened.type)) {
            return std::move(m_opened);
        }
        SIGNET_CHECK(open(BerClass::context, 0));
        SIGNET_CHECK(open(BerClass::universal, ber_sequence));
        SIGNET_CHECK(read_until_content_info());
        SIGNET_CHECK(read_content_info());
        SIGNET_CHECK(read_behind_content());
        SIGNET_CHECK(close());
        SIGNET_CHECK(close());
        SIGNET_CHECK(check_trailer());
        SIGNET_CHECK(parse_structure());
        return std::move(m_opened);
    }

  private:
    Result<void> check_trailer() {
        if (m_trailer == Trailer::anything) {
            return {};
        }
        SIGNET_TRY(const bool only_filler, m_ber.only_filler_follows());
        return only_filler ? Result<void>() : malformed_cms("octets after the structure");
    }

    Result<void> append(std::string_view octets) {
        if (m_structure.size() + octets.size() > max_structure_size) {
            return failure(ErrorCode::too_large, "read CMS", "more than 4 MiB without the content");
        }
        m_structure += octets;
        return {};
    }

    Result<void> append_open(const BerElement& element) {
        SIGNET_CHECK(append({element.octets.data(), 1}));
        SIGNET_CHECK(append("\x80"));
        return m_ber.enter(element);
    }

    Result<BerElement> expect_element() {
        SIGNET_TRY(const auto element, m_ber.next());
        if (!element) {
            return malformed_cms("a structure that ends early");
        }
        return *element;
    }

    Result<void> expect_end() {
        SIGNET_TRY(const auto element, m_ber.next());
        return element ? Result<void>(malformed_cms("an element that does not belong there"))
                       : Result<void>();
    }

    Result<void> open(BerClass tag_class, std::uint32_t tag) {
        SIGNET_TRY(const BerElement element, expect_element());
        if (!element.is(tag_class, tag)) {
            return malformed_cms("not the structure of CMS");
        }
        return append_open(element);
    }

    Result<void> close() {
        SIGNET_CHECK(expect_end());
        return append(end_of_contents);
    }

    Result<void> copy_content() {
        std::array<char, 4096> block;
        for (;;) {
            SIGNET_TRY(const std::size_t count, m_ber.read(block));
            if (count == 0) {
                return {};
            }
            SIGNET_CHECK(append({block.data(), count}));
        }
    }

    // The octets of the element as they came.
    Result<std::string_view> copy(BerElement element) {
        const std::size_t begin = m_structure.size();
        std::size_t open = 0;
        for (;;) {
            SIGNET_CHECK(append(element.header()));
            if (element.length) {
                SIGNET_CHECK(copy_content());
            } else {
                SIGNET_CHECK(m_ber.enter(element));
                ++open;
            }
            while (open > 0) {
                SIGNET_TRY(const auto child, m_ber.next());
                if (child) {
                    element = *child;
                    break;
                }
                SIGNET_CHECK(append(end_of_contents));
                --open;
            }
            if (open == 0) {
                return std::string_view(m_structure).substr(begin);
            }
        }
    }

    Result<void> read_type() {
        SIGNET_TRY(const BerElement element, expect_element());
        SIGNET_TRY(const std::string_view octets, copy(element));
        const ObjectPointer identifier = parse_identifier(octets);
        if (!identifier) {
            return malformed_cms("a structure without a type");
        }
        m_opened.type = type_of(identifier.get());
        m_opened.type_identifier = dotted(identifier.get());
        return {};
    }

    // EncapsulatedContentInfo and EncryptedContentInfo are the first SEQUENCE of what they are in, but for
    // the compression algorithm. OpenSSL sees later whether all else is in its place.
    Result<void> read_until_content_info() {
        bool algorithm_follows = m_opened.type == CmsType::compressed_data;
        for (;;) {
            SIGNET_TRY(const BerElement element, expect_element());
            const bool sequence = element.is(BerClass::universal, ber_sequence);
            if (sequence && !algorithm_follows) {
                return append_open(element);
            }
            SIGNET_TRY(const std::string_view octets, copy(element));
            if (sequence) {
                SIGNET_CHECK(read_algorithm(octets));
                algorithm_follows = false;
            }
        }
    }

    Result<void> read_algorithm(std::string_view octets) {
        const auto bytes = as_bytes(octets);
        const unsigned char* position = bytes.data();
        const AlgorithmPointer algorithm(d2i_X509_ALGOR(nullptr, &position, static_cast<long>(bytes.size())));
        if (!algorithm) {
            return malformed_cms("an algorithm that cannot be read");
        }
        const ASN1_OBJECT* identifier = nullptr;
        X509_ALGOR_get0(&identifier, nullptr, nullptr, algorithm.get());
        m_opened.algorithm = algorithm_named(identifier);
        return {};
    }

    Result<void> read_content_info() {
        for (std::size_t index = 0;; ++index) {
            SIGNET_TRY(const auto element, m_ber.next());
            if (!element) {
                return append(end_of_contents);
            }
            if (element->is(BerClass::context, 0)) {
                SIGNET_CHECK(read_content(*element));
                SIGNET_CHECK(expect_end());
                return append(end_of_contents);
            }
            SIGNET_TRY(const std::string_view octets, copy(*element));
            if (index == 0) {
                const ObjectPointer identifier = parse_identifier(octets);
                m_opened.content_type = identifier ? dotted(identifier.get()) : "";
            } else if (index == 1 && is_encrypted(m_opened.type)) {
                SIGNET_CHECK(read_algorithm(octets));
            }
        }
    }

    Result<void> read_content(const BerElement& element) {
        m_opened.has_content = true;
        m_opened.content_offset = element.offset;
        m_opened.content_is_explicit = !is_encrypted(m_opened.type);
        if (!m_opened.content_is_explicit) {
            return measure(element);
        }
        SIGNET_CHECK(m_ber.enter(element));
        SIGNET_TRY(const BerElement content, expect_element());
        if (!content.is(BerClass::universal, ber_octet_string)) {
            return malformed_cms("content that is no OCTET STRING");
        }
        SIGNET_CHECK(measure(content));
        return expect_end();
    }

    Result<void> measure(const BerElement& element) {
        SIGNET_TRY(OctetStringReader content, OctetStringReader::open(m_ber, element));
        const Block block;
        for (;;) {
            SIGNET_TRY(const std::size_t count, content.read(block));
            if (count == 0) {
                return {};
            }
            m_opened.content_size += count;
        }
    }

    Result<void> read_behind_content() {
        for (;;) {
            SIGNET_TRY(const auto element, m_ber.next());
            if (!element) {
                return append(end_of_contents);
            }
            SIGNET_TRY(const std::string_view octets, copy(*element));
            if (m_opened.type != CmsType::auth_enveloped_data) {
                continue;
            }
            if (element->is(BerClass::universal, ber_octet_string)) {
                SIGNET_CHECK(read_tag(octets));
            }
        }
    }

    Result<void> read_tag(std::string_view octets) {
        const auto bytes = as_bytes(octets);
        const unsigned char* position = bytes.data();
        const OctetStringPointer tag(
            d2i_ASN1_OCTET_STRING(nullptr, &position, static_cast<long>(bytes.size())));
        if (!tag) {
            return malformed_cms("an authentication tag that cannot be read");
        }
        m_opened.authentication_tag = as_text(
            {ASN1_STRING_get0_data(tag.get()), static_cast<std::size_t>(ASN1_STRING_length(tag.get()))});
        return {};
    }

    Result<void> parse_structure() {
        const auto bytes = as_bytes(m_structure);
        const unsigned char* position = bytes.data();
        m_opened.structure.reset(reinterpret_cast<CMS_ContentInfo*>(ASN1_item_d2i(
            nullptr, &position, static_cast<long>(bytes.size()), ASN1_ITEM_rptr(CMS_ContentInfo))));
        if (!m_opened.structure || position != bytes.data() + bytes.size()) {
            return x509::openssl_failure("read CMS", ErrorCode::malformed);
        }
        m_opened.structure_octets = std::move(m_structure);
        return {};
    }

    std::unique_ptr<Reader> m_octets;
    BerReader m_ber;
    Trailer m_trailer;
    OpenedCms m_opened;
    std::string m_structure;
};

// The content element again, from where the first pass has found it.
class ContentReader final : public Reader {
  public:
    static Result<std::unique_ptr<Reader>> open(const OpenedCms& cms) {
        std::unique_ptr<ContentReader> reader(new ContentReader(cms.octets()));
        SIGNET_CHECK(reader->skip(cms.content_offset));
        reader->m_ber.emplace(*reader->m_octets);
        SIGNET_TRY(BerElement element, reader->next_element());
        if (cms.content_is_explicit) {
            SIGNET_CHECK(reader->m_ber->enter(element));
            SIGNET_TRY(element, reader->next_element());
        }
        SIGNET_TRY(reader->m_content, OctetStringReader::open(*reader->m_ber, element));
        return reader;
    }

    Result<std::size_t> read(std::span<char> buffer) override { return m_content->read(buffer); }

  private:
    explicit ContentReader(std::unique_ptr<Reader> octets) : m_octets(std::move(octets)) {}

    Result<void> skip(std::uint64_t count) {
        std::array<char, 4096> block;
        while (count > 0) {
            const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, block.size()));
            SIGNET_TRY(const std::size_t read, m_octets->read(std::span(block).first(wanted)));
            if (read == 0) {
                return changed();
            }
            count -= read;
        }
        return {};
    }

    Result<BerElement> next_element() {
        SIGNET_TRY(const auto element, m_ber->next());
        return element ? Result<BerElement>(*element) : changed();
    }

    static Failure changed() { return failure(ErrorCode::input_output, "read CMS", "the input has changed"); }

    std::unique_ptr<Reader> m_octets;
    std::optional<BerReader> m_ber;
    std::optional<OctetStringReader> m_content;
};

}  // namespace

std::string_view name_of(CmsType type) {
    constexpr std::string_view names[] = {
        "data",           "signed-data",        "enveloped-data",  "digested-data",
        "encrypted-data", "authenticated-data", "compressed-data", "authEnveloped-data",
        "unknown"};
    return names[static_cast<std::size_t>(type)];
}

CmsAlgorithm algorithm_named(const ASN1_OBJECT* identifier) {
    CmsAlgorithm algorithm{.nid = OBJ_obj2nid(identifier), .name = {}, .identifier = dotted(identifier)};
    algorithm.name =
        algorithm.nid != NID_undef ? OBJ_nid2ln(algorithm.nid) : foreign_name(algorithm.identifier);
    return algorithm;
}

Result<std::unique_ptr<Reader>> OpenedCms::content() const {
    if (!has_content) {
        return failure(ErrorCode::malformed, "read CMS", "no content");
    }
    return ContentReader::open(*this);
}

Result<OpenedCms> open_cms(ReaderFactory octets, Trailer trailer) {
    return StructureReader(std::move(octets), trailer).run();
}

}  // namespace signet::smime

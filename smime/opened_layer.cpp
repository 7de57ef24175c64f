#include "smime/opened_layer.h"

#include "smime/cms_stream.h"
#include "smime/compressed.h"

namespace signet::smime {
namespace {

class BoundedSink final : public Sink {
  public:
    BoundedSink(Sink& next, std::uint64_t limit) : m_next(next), m_rest(limit) {}
    Result<void> write(std::string_view octets) override {
        if (octets.size() > m_rest) {
            return failure(ErrorCode::too_large, "read mail", "the content is longer than signet reads");
        }
        m_rest -= octets.size();
        return m_next.write(octets);
    }

  private:
    Sink& m_next;
    std::uint64_t m_rest;
};

LayerKind kind_of(CmsType type) {
    switch (type) {
        case CmsType::signed_data:
            return LayerKind::signature;
        case CmsType::enveloped_data:
        case CmsType::auth_enveloped_data:
        case CmsType::encrypted_data:
            return LayerKind::encryption;
        case CmsType::compressed_data:
            return LayerKind::compression;
        default:
            return LayerKind::unknown;
    }
}

// An error about the part becomes a finding; those of the source, the token and the person are passed on.
bool is_about_the_part(ErrorCode code) {
    return code == ErrorCode::malformed || code == ErrorCode::too_large || code == ErrorCode::unsupported ||
           code == ErrorCode::not_found || code == ErrorCode::crypto;
}

FindingCode code_for(ErrorCode code, LayerKind kind) {
    switch (code) {
        case ErrorCode::too_large:
            return FindingCode::too_large;
        case ErrorCode::unsupported:
            return FindingCode::unsupported_content;
        case ErrorCode::malformed:
            return FindingCode::malformed_part;
        default:
            return kind == LayerKind::encryption ? FindingCode::not_decrypted : FindingCode::malformed_part;
    }
}

Result<void> close(OpenedLayer& opened, const Error& error) {
    if (!is_about_the_part(error.code)) {
        return Failure(error);
    }
    opened.content.reset();
    opened.finding = Finding{code_for(error.code, opened.layer.kind), {}, error.detail};
    return {};
}

Result<void> open_signed(OpenedLayer& opened, OpenedCms& cms, std::uint64_t limit) {
    if (sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms.structure.get())) <= 0) {
        opened.layer.kind = LayerKind::certificates;
        return {};
    }
    BoundedSink bounded(*opened.content, limit);
    SIGNET_TRY(opened.signature, opaque_signature(std::move(cms), bounded));
    return {};
}

Result<void> open_encrypted(OpenedLayer& opened, const OpenedCms& cms, std::span<const DecryptionKey> keys,
                            std::uint64_t limit) {
    opened.layer.authenticated = cms.type == CmsType::auth_enveloped_data;
    if (cms.type == CmsType::encrypted_data) {
        return failure(ErrorCode::unsupported, "decrypt", "encryption with a key that is agreed elsewhere");
    }
    if (cms.content_size > limit) {
        return failure(ErrorCode::too_large, "decrypt", "the content is longer than signet reads");
    }
    SIGNET_TRY(DecryptedContent decrypted, decrypt_content(cms, keys));
    opened.layer.authenticated = decrypted.authenticated;
    opened.content = std::move(decrypted.octets);
    return {};
}

Result<void> open_content(OpenedLayer& opened, OpenedCms& cms, std::span<const DecryptionKey> keys,
                          std::uint64_t limit) {
    switch (opened.layer.kind) {
        case LayerKind::signature:
            return open_signed(opened, cms, limit);
        case LayerKind::encryption:
            return open_encrypted(opened, cms, keys, limit);
        case LayerKind::compression: {
            BoundedSink bounded(*opened.content, limit);
            return decompress(cms, bounded);
        }
        default:
            return failure(ErrorCode::unsupported, "read CMS",
                           "signet cannot read CMS of the type " + cms.type_identifier);
    }
}

}  // namespace

Result<OpenedLayer> open_layer(const Source& source, const MimePart& part,
                               std::span<const DecryptionKey> keys, std::uint64_t limit) {
    OpenedLayer opened;
    opened.content = std::make_unique<Spool>();
    auto cms = open_cms(source, part);
    if (!cms || !*cms) {
        const Error error = cms ? Error{ErrorCode::malformed, "read CMS", "no CMS"} : cms.error();
        SIGNET_CHECK(close(opened, error));
        return opened;
    }
    opened.layer.kind = kind_of((*cms)->type);
    opened.layer.form = name_of((*cms)->type);
    opened.layer.algorithm = (*cms)->algorithm.name;
    if (const auto content = open_content(opened, **cms, keys, limit); !content) {
        SIGNET_CHECK(close(opened, content.error()));
        return opened;
    }
    opened.layer.opened = opened.layer.kind != LayerKind::certificates;
    return opened;
}

}  // namespace signet::smime

#include "smime/read.h"

#include "smime/agreement.h"
#include "smime/legacy_display.h"
#include "smime/limits.h"
#include "smime/mime.h"
#include "smime/opened_layer.h"
#include "smime/transfer_reader.h"
#include "smime/verdict.h"

#include <algorithm>
#include <array>
#include <map>

namespace signet::smime {
namespace {

struct Place {
    std::string path;
    std::vector<std::string> layers;
    const Header* header;    // of the mail or the forwarded mail around the part
    bool encrypted = false;  // some layer around it is encryption
};

Place below(const Place& place, std::size_t index) {
    Place child = place;
    child.path += '.' + std::to_string(index + 1);
    return child;
}

// Takes a mail apart, layer by layer. Nothing is judged before all of it lies open.
class Walker {
  public:
    Walker(Report& report, const ReadOptions& options, std::uint64_t mail_size)
        : m_report(report), m_options(options), m_budget(max_opened_size + max_opened_ratio * mail_size) {}

    Result<void> walk_mail(const Source& mail) {
        SIGNET_TRY(MimePartPointer root, scan_mail(mail));
        const Place place{.path = "1", .layers = {}, .header = &root->header};
        SIGNET_TRY(m_report.root, walk_content(mail, {nullptr, std::move(root)}, TopLevel::mail, place));
        return {};
    }

    std::vector<PendingSignature> take_signatures() { return std::move(m_signatures); }

  private:
    Result<std::unique_ptr<Part>> walk_content(const Source& source, MailContent content, TopLevel level,
                                               const Place& place) {
        const MimePart& root = *content.root;
        m_report.contents.push_back(std::move(content));
        // Text without any header is read as what it is; there is no structure to disagree about.
        std::future<std::vector<Range>> differing;
        if (!root.header.fields.empty()) {
            differing = disagreements(source, root, level);
        }
        SIGNET_TRY(auto part, walk(source, root, place));
        if (differing.valid()) {
            note_disagreements(source, differing.get(), *part, place);
        }
        return part;
    }

    void note_disagreements(const Source& source, const std::vector<Range>& differing, const Part& part,
                            const Place& place) {
        if (differing.empty()) {
            return;
        }
        PartsByRange parts;
        collect_parts(part, source, parts);
        for (const Range& range : differing) {
            for (PendingSignature& pending : m_signatures) {
                if (covers(pending, source, range, place) && !pending.signature.flaw) {
                    pending.signature.flaw = gmime_objection();
                }
            }
            const auto found = parts.find({range.begin, range.end});
            add(FindingCode::readers_disagree, found != parts.end() ? found->second->path : "",
                "mail programs can read this part differently");
        }
    }

    // Beside it in the same octets, or around the layer that these came out of, at whatever distance.
    static bool covers(const PendingSignature& pending, const Source& source, const Range& range,
                       const Place& place) {
        const Part& part = *pending.part;
        const Range& signed_range = part.entity->range;
        const bool touched = range.begin < signed_range.end && signed_range.begin < range.end;
        return (part.source == &source && touched) ||
               std::find(place.layers.begin(), place.layers.end(), part.path) != place.layers.end();
    }

    // Of one source; the outer one where two have the same range.
    using PartsByRange = std::map<std::pair<std::uint64_t, std::uint64_t>, const Part*>;

    static void collect_parts(const Part& part, const Source& source, PartsByRange& parts) {
        if (part.source == &source) {
            parts.try_emplace({part.entity->range.begin, part.entity->range.end}, &part);
        }
        for (const auto& child : part.parts) {
            collect_parts(*child, source, parts);
        }
    }

    Result<std::unique_ptr<Part>> walk(const Source& source, const MimePart& entity, const Place& place) {
        auto part = std::make_unique<Part>();
        part->path = place.path;
        part->type = entity.type.type;
        part->file_name = file_name_of(entity.header, entity.type);
        part->size = entity.body.size();
        part->attachment = is_attachment(entity.header);
        part->legacy_display = place.encrypted && has_legacy_display(entity);
        part->layers = place.layers;
        part->source = &source;
        part->entity = &entity;
        if (entity.flaw) {
            const bool depth = entity.flaw->code == ErrorCode::too_large;
            add(depth ? FindingCode::nested_too_deeply : FindingCode::malformed_part, place.path,
                entity.flaw->detail);
        }
        if (entity.kind != PartKind::leaf) {
            SIGNET_CHECK(walk_inner_parts(*part, place));
        } else if (is_pkcs7_mime(entity.header, entity.type)) {
            SIGNET_CHECK(walk_layer(*part, place));
        }
        return part;
    }

    Result<void> walk_inner_parts(Part& part, const Place& place) {
        const MimePart& entity = *part.entity;
        if (entity.kind == PartKind::multipart && is_multipart_signed(entity)) {
            SIGNET_CHECK(take_detached(part, place));
        }
        for (std::size_t i = 0; i < entity.parts.size(); ++i) {
            Place child = below(place, i);
            if (part.layer && i == 0) {
                child.layers.push_back(part.path);
            }
            if (entity.kind == PartKind::message) {
                child.header = &entity.parts[i]->header;
            }
            SIGNET_TRY(auto inner, walk(*part.source, *entity.parts[i], child));
            part.parts.push_back(std::move(inner));
        }
        return {};
    }

    bool takes_layer(const Part& part, const Place& place) {
        if (place.layers.size() >= max_layer_depth || m_layers >= max_layers) {
            add(FindingCode::nested_too_deeply, part.path, "there are more layers than signet opens");
            return false;
        }
        ++m_layers;
        return true;
    }

    Result<void> take_detached(Part& part, const Place& place) {
        if (!takes_layer(part, place)) {
            return {};
        }
        auto signature = detached_signature(*part.source, *part.entity);
        if (!signature && signature.error().code == ErrorCode::input_output) {
            return Failure(signature.error());
        }
        if (!signature && signature.error().code == ErrorCode::not_found) {
            return {};
        }
        part.layer = Layer{.kind = LayerKind::signature, .form = part.type, .algorithm = {}, .signers = {}};
        part.layer->opened = !part.entity->parts.empty();
        if (signature) {
            m_signatures.push_back({&part, std::move(*signature), place.header});
        } else {
            add(FindingCode::malformed_signature, part.path, signature.error().detail);
        }
        return {};
    }

    Result<void> walk_layer(Part& part, const Place& place) {
        if (!takes_layer(part, place)) {
            return {};
        }
        SIGNET_TRY(OpenedLayer opened, open_layer(*part.source, *part.entity, m_options.keys, m_budget));
        part.layer = std::move(opened.layer);
        if (opened.finding) {
            add(opened.finding->code, part.path, opened.finding->reason);
        }
        if (opened.signature) {
            m_signatures.push_back({&part, std::move(*opened.signature), place.header});
        }
        return part.layer->opened ? walk_opened(part, std::move(opened.content), place) : Result<void>();
    }

    Result<void> walk_opened(Part& part, std::unique_ptr<Spool> content, const Place& place) {
        m_budget -= std::min(m_budget, content->size());
        auto root = scan_entity(*content);
        if (!root) {
            part.layer->opened = false;
            add(FindingCode::too_large, part.path, root.error().detail);
            return root.error().code == ErrorCode::too_large ? Result<void>() : Failure(root.error());
        }
        Place child = below(place, 0);
        child.layers.push_back(part.path);
        child.encrypted = place.encrypted || part.layer->kind == LayerKind::encryption;
        const Source& source = *content;
        SIGNET_TRY(auto inner,
                   walk_content(source, {std::move(content), std::move(*root)}, TopLevel::entity, child));
        part.parts.push_back(std::move(inner));
        return {};
    }

    void add(FindingCode code, const std::string& path, const std::string& reason) {
        m_report.findings.push_back({code, path, reason});
    }

    Report& m_report;
    const ReadOptions& m_options;
    std::uint64_t m_budget;
    std::size_t m_layers = 0;
    std::vector<PendingSignature> m_signatures;
};

const Part* find_below(const Part& part, std::string_view path) {
    if (part.path == path) {
        return &part;
    }
    for (const auto& child : part.parts) {
        if (const Part* found = find_below(*child, path)) {
            return found;
        }
    }
    return nullptr;
}

}  // namespace

std::string_view name_of(LayerKind kind) {
    constexpr std::array names{"signature", "encryption", "compression", "certificates", "unknown"};
    return names.at(static_cast<std::size_t>(kind));
}

Result<Report> read(const Source& mail, const ReadOptions& options) {
    Report report;
    Walker walker(report, options, mail.size());
    SIGNET_CHECK(walker.walk_mail(mail));
    SIGNET_CHECK(reach_verdict(report, walker.take_signatures(), options.trust));
    return report;
}

const Part* find_part(const Report& report, std::string_view path) {
    return find_below(*report.root, path);
}

Result<void> write_content(const Part& part, Sink& out) {
    RangeReader body(*part.source, part.entity->body);
    TransferReader content(body, part.entity->encoding);
    return part.legacy_display ? copy_without_legacy_display(*part.entity, content, out) : copy(content, out);
}

}  // namespace signet::smime

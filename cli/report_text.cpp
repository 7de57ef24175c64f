#include "cli/report_text.h"

#include "cli/json.h"
#include "cli/signer_text.h"

namespace signet::cli {
namespace {

std::string json_of_signers(const std::vector<smime::SignerReport>& signers) {
    return json_array(signers, [](const smime::SignerReport& signer) { return cli::json_of(signer); });
}

std::string json_of(const smime::Layer& layer) {
    ipc::Writer writer;
    writer.plain("kind", name_of(layer.kind));
    writer.text("form", layer.form);
    writer.text("algorithm", layer.algorithm);
    writer.boolean("opened", layer.opened);
    writer.boolean("good", layer.good);
    writer.boolean("authenticated", layer.authenticated);
    writer.raw("signers", json_of_signers(layer.signers));
    return writer.finish();
}

// As deep as the reader lets parts nest.
std::string json_of(const smime::Part& part) {
    ipc::Writer writer;
    writer.plain("path", part.path);
    writer.text("type", printable_utf8(part.type));
    writer.text("file_name", printable_utf8(part.file_name));
    writer.number("size", static_cast<std::int64_t>(part.size));
    writer.boolean("attachment", part.attachment);
    writer.boolean("not_authenticated", part.not_authenticated);
    writer.raw("layers", json_texts(part.layers));
    writer.raw("layer", part.layer ? json_of(*part.layer) : "null");
    writer.raw("parts", json_array(part.parts, [](const auto& child) { return json_of(*child); }));
    return writer.finish();
}

std::string json_of(const smime::ComparedField& field) {
    ipc::Writer writer;
    writer.text("name", field.name);
    writer.text("value", printable_utf8(field.value));
    writer.text("outside", printable_utf8(field.outside));
    writer.plain("agreement", name_of(field.agreement));
    return writer.finish();
}

std::string json_of_header(const smime::Report& report) {
    if (!report.header_protection) {
        return "null";
    }
    ipc::Writer writer;
    writer.plain("form", name_of(report.header_protection->form));
    writer.boolean("signed", report.header_is_signed);
    writer.raw("fields", json_array(report.header_fields, [](const auto& field) { return json_of(field); }));
    return writer.finish();
}

std::string json_of(const smime::Finding& finding) {
    ipc::Writer writer;
    writer.plain("code", name_of(finding.code));
    writer.plain("path", finding.path);
    writer.text("reason", printable_utf8(finding.reason));
    return writer.finish();
}

std::string description_of(const smime::Layer& layer) {
    std::string text(name_of(layer.kind));
    if (!layer.form.empty()) {
        text += ", " + layer.form;
    }
    if (!layer.algorithm.empty()) {
        text += ", " + layer.algorithm;
    }
    if (layer.kind == smime::LayerKind::encryption) {
        text += layer.authenticated ? ", authenticated" : ", not authenticated";
    }
    return layer.opened ? text : text + ", closed";
}

void append_part(std::string& text, const smime::Part& part, std::size_t depth, const Style& style) {
    const std::string indentation(2 * depth, ' ');
    text += indentation + style.strong(part.path) + " " + printable_utf8(part.type);
    if (!part.file_name.empty()) {
        text += " \"" + printable_utf8(part.file_name) + "\"";
    }
    text += ", " + std::to_string(part.size) + " octets\n";
    if (part.layer) {
        const std::string description = printable_utf8(description_of(*part.layer));
        text += indentation + "  " + (part.layer->good ? style.good(description) : description) + "\n";
        for (const smime::SignerReport& signer : part.layer->signers) {
            text += cli::text_of(signer, style, indentation + "    ");
        }
    }
    for (const auto& child : part.parts) {
        append_part(text, *child, depth + 1, style);
    }
}

void append_header(std::string& text, const smime::Report& report) {
    if (!report.header_protection) {
        return;
    }
    text += "protected header (" + std::string(name_of(report.header_protection->form)) +
            (report.header_is_signed ? "):\n" : ", not signed):\n");
    for (const smime::ComparedField& field : report.header_fields) {
        text += "  " + printable_utf8(field.name) + ": " + printable_utf8(field.value) + " (" +
                std::string(name_of(field.agreement)) + ")\n";
    }
}

std::string verdict_of(const smime::Report& report, const Style& style) {
    std::string text = report.encrypted ? "the mail is encrypted" : "the mail is not encrypted";
    text += report.not_authenticated ? ", in part " + style.bad("not authenticated") + "\n" : "\n";
    if (report.signed_by.empty()) {
        return text + style.bad("the mail is not signed, or not well") + "\n";
    }
    std::vector<std::string> names;
    for (const smime::SignerReport& signer : report.signed_by) {
        names.push_back(signer.emails.empty() ? signer.certificate->subject() : joined(signer.emails, ", "));
    }
    return text + style.good("the mail is signed by " + printable_utf8(joined(names, "; "))) + "\n";
}

}  // namespace

std::string json_of(const smime::Report& report) {
    ipc::Writer writer;
    writer.boolean("good", !report.signed_by.empty());
    writer.boolean("encrypted", report.encrypted);
    writer.boolean("not_authenticated", report.not_authenticated);
    writer.raw("signed_by", json_of_signers(report.signed_by));
    writer.raw("header_protection", json_of_header(report));
    writer.raw("findings", json_array(report.findings, [](const auto& finding) { return json_of(finding); }));
    writer.raw("mail", json_of(*report.root));
    return writer.finish() + "\n";
}

std::string text_of(const smime::Report& report, const Style& style) {
    std::string text;
    append_part(text, *report.root, 0, style);
    append_header(text, report);
    for (const smime::Finding& finding : report.findings) {
        text += style.bad(std::string(name_of(finding.code))) + " (" + finding.path +
                "): " + printable_utf8(finding.reason) + "\n";
    }
    return text + verdict_of(report, style);
}

}  // namespace signet::cli

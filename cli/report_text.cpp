#include "cli/report_text.h"

#include "cli/json.h"
#include "cli/signer_text.h"
#include "x509/certificate.h"

namespace signet::cli {
namespace {

std::string json_of_signers(const std::vector<mail::Signer>& signers) {
    return json_array(signers, [](const mail::Signer& signer) { return cli::json_of(signer); });
}

std::string json_of(const mail::Layer& layer) {
    ipc::Writer writer;
    writer.plain("kind", layer.kind);
    writer.text("form", layer.form);
    writer.text("algorithm", layer.algorithm);
    writer.boolean("opened", layer.opened);
    writer.boolean("good", layer.good);
    writer.boolean("authenticated", layer.authenticated);
    writer.raw("signers", json_of_signers(layer.signers));
    return writer.finish();
}

// As deep as the reader lets parts nest.
std::string json_of(const mail::Part& part) {
    ipc::Writer writer;
    writer.plain("path", part.path);
    writer.text("type", printable_utf8(part.type));
    writer.text("file_name", printable_utf8(part.file_name));
    writer.number("size", static_cast<std::int64_t>(part.size));
    writer.boolean("attachment", part.attachment);
    writer.boolean("not_authenticated", part.not_authenticated);
    writer.boolean("legacy_display", part.legacy_display);
    writer.raw("layers", json_texts(part.layers));
    writer.raw("layer", part.layer ? json_of(*part.layer) : "null");
    writer.raw("parts", json_array(part.parts, [](const auto& child) { return json_of(child); }));
    return writer.finish();
}

std::string json_of(const mail::HeaderField& field) {
    ipc::Writer writer;
    writer.text("name", field.name);
    writer.text("value", printable_utf8(field.value));
    writer.text("outside", printable_utf8(field.outside));
    writer.plain("agreement", field.agreement);
    return writer.finish();
}

std::string json_of_header(const mail::Report& report) {
    if (report.header_protection.empty()) {
        return "null";
    }
    ipc::Writer writer;
    writer.plain("form", report.header_protection);
    writer.boolean("signed", report.header_is_signed);
    writer.raw("fields", json_array(report.header_fields, [](const auto& field) { return json_of(field); }));
    return writer.finish();
}

std::string json_of(const mail::Finding& finding) {
    ipc::Writer writer;
    writer.plain("code", finding.code);
    writer.plain("path", finding.path);
    writer.text("reason", printable_utf8(finding.reason));
    return writer.finish();
}

std::string description_of(const mail::Layer& layer) {
    std::string text = layer.kind;
    if (!layer.form.empty()) {
        text += ", " + layer.form;
    }
    if (!layer.algorithm.empty()) {
        text += ", " + layer.algorithm;
    }
    if (layer.kind == "encryption") {
        text += layer.authenticated ? ", authenticated" : ", not authenticated";
    }
    return layer.opened ? text : text + ", closed";
}

void append_part(std::string& text, const mail::Part& part, std::size_t depth, const Style& style) {
    const std::string indentation(2 * depth, ' ');
    text += indentation + style.strong(part.path) + " " + printable_utf8(part.type);
    if (!part.file_name.empty()) {
        text += " \"" + printable_utf8(part.file_name) + "\"";
    }
    text += ", " + std::to_string(part.size) + " octets\n";
    if (part.layer) {
        const std::string description = printable_utf8(description_of(*part.layer));
        text += indentation + "  " + (part.layer->good ? style.good(description) : description) + "\n";
        for (const mail::Signer& signer : part.layer->signers) {
            text += cli::text_of(signer, style, indentation + "    ");
        }
    }
    for (const auto& child : part.parts) {
        append_part(text, child, depth + 1, style);
    }
}

void append_header(std::string& text, const mail::Report& report) {
    if (report.header_protection.empty()) {
        return;
    }
    text += "protected header (" + report.header_protection +
            (report.header_is_signed ? "):\n" : ", not signed):\n");
    for (const mail::HeaderField& field : report.header_fields) {
        text += "  " + printable_utf8(field.name) + ": " + printable_utf8(field.value) + " (" +
                field.agreement + ")\n";
    }
}

std::string verdict_of(const mail::Report& report, const Style& style) {
    std::string text = report.encrypted ? "the mail is encrypted" : "the mail is not encrypted";
    text += report.not_authenticated ? ", in part " + style.bad("not authenticated") + "\n" : "\n";
    if (report.signed_by.empty()) {
        return text + style.bad("the mail is not signed, or not well") + "\n";
    }
    std::vector<std::string> names;
    for (const mail::Signer& signer : report.signed_by) {
        names.push_back(signer.emails.empty()
                            ? x509::Certificate::from_x509(signer.certificate.get()).subject()
                            : joined(signer.emails, ", "));
    }
    return text + style.good("the mail is signed by " + printable_utf8(joined(names, "; "))) + "\n";
}

}  // namespace

std::string json_of(const mail::Report& report) {
    ipc::Writer writer;
    writer.boolean("good", !report.signed_by.empty());
    writer.boolean("encrypted", report.encrypted);
    writer.boolean("not_authenticated", report.not_authenticated);
    writer.raw("signed_by", json_of_signers(report.signed_by));
    writer.raw("header_protection", json_of_header(report));
    writer.raw("findings", json_array(report.findings, [](const auto& finding) { return json_of(finding); }));
    writer.raw("mail", json_of(report.mail));
    return writer.finish() + "\n";
}

std::string text_of(const mail::Report& report, const Style& style) {
    std::string text;
    append_part(text, report.mail, 0, style);
    append_header(text, report);
    for (const mail::Finding& finding : report.findings) {
        text += style.bad(finding.code) + " (" + finding.path + "): " + printable_utf8(finding.reason) + "\n";
    }
    return text + verdict_of(report, style);
}

}  // namespace signet::cli

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge inf show": what an INF says, as a whole or for one Windows. */
#include <stdio.h>

#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "inf/model.h"
#include "inf/package.h"

static const char *const owners[] = {
    [INF_REGISTRY_SOFTWARE] = "driver",
    [INF_REGISTRY_HARDWARE] = "device",
    [INF_REGISTRY_SERVICE] = "service",
    [INF_REGISTRY_EVENT_LOG] = "event log",
};

static json_t *arches_json(unsigned arches)
{
    json_t *array = json_array();

    for (int arch = INF_ARCH_X86; arch < INF_ARCH_COUNT; arch++)
        if (arches & INF_ARCH_BIT(arch))
            json_array_append_new(array, json_string(inf_arch_name((enum inf_arch)arch)));
    return array;
}

static json_t *package_json(const struct inf_file *file, const struct inf_package *package)
{
    json_t *catalogs = json_array(), *ids = json_array(), *files = json_array();

    for (size_t i = 0; i < package->catalog_count; i++)
        json_array_append_new(catalogs,
                              json_pack("{s:s, s:s, s:I}", "name", package->catalogs[i].name,
                                        "arch", inf_arch_name(package->catalogs[i].arch), "line",
                                        (json_int_t)package->catalogs[i].place.line));
    for (size_t i = 0; i < package->id_count; i++)
        json_array_append_new(ids, json_string(package->ids[i].id));
    for (size_t i = 0; i < package->source_count; i++) {
        const struct inf_source *source = &package->sources[i];
        json_array_append_new(files, json_pack("{s:s, s:s, s:s, s:s, s:I}", "name", source->name,
                                               "directory", source->directory, "disk", source->disk,
                                               "arch", inf_arch_name(source->arch), "line",
                                               (json_int_t)source->place.line));
    }
    return json_pack(
        "{s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "file",
        cli_text_json(inf_name(file)), "encoding", inf_encoding_text(inf_encoding(file)),
        "provider", package->provider, "class", package->class_name, "class_guid",
        package->class_guid, "driver_date", package->driver_ver.date_text, "driver_version",
        package->driver_ver.version_text, "primitive", package->primitive, "architectures",
        arches_json(package->arches), "catalogs", catalogs, "hardware_ids", ids, "files", files);
}

static json_t *fields_json(const struct inf_file *file, const struct inf_line *line, size_t first)
{
    json_t *array = json_array();

    for (size_t i = first; i < inf_field_count(line); i++)
        json_array_append_new(array, json_string(inf_field(file, line, i)));
    return array;
}

static json_t *model_json(const struct inf_file *file, const struct inf_model *model)
{
    json_t *devices = json_array(), *copies = json_array(), *services = json_array();
    json_t *registry = json_array(), *includes = json_array();

    for (size_t i = 0; i < model->device_count; i++) {
        const struct inf_device *device = &model->devices[i];
        json_array_append_new(
            devices,
            json_pack("{s:s, s:s?, s:o, s:I}", "description", inf_key(file, device->line),
                      "install", device->install ? inf_section_name(file, device->install) : NULL,
                      "ids", fields_json(file, device->line, 1), "line",
                      (json_int_t)inf_line_place(file, device->line).line));
    }
    for (size_t i = 0; i < model->copy_count; i++) {
        const struct inf_copy *copy = &model->copies[i];
        json_array_append_new(
            copies,
            json_pack("{s:s, s:s, s:o, s:s, s:I, s:I}", "name", copy->name, "source", copy->source,
                      "dirid", copy->placed ? json_integer(copy->dirid) : json_null(), "directory",
                      copy->directory, "flags", (json_int_t)copy->flags, "line",
                      (json_int_t)copy->place.line));
    }
    for (size_t i = 0; i < model->service_count; i++) {
        const struct inf_service *service = &model->services[i];
        json_array_append_new(
            services, json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:I}", "name",
                                service->name, "flags", (json_int_t)service->flags, "type",
                                (json_int_t)service->type, "start", (json_int_t)service->start,
                                "error_control", (json_int_t)service->error_control, "binary",
                                service->binary, "display_name", service->display_name, "group",
                                service->group, "line", (json_int_t)service->place.line));
    }
    for (size_t i = 0; i < model->registry_count; i++) {
        const struct inf_registry *value = &model->registry[i];
        json_array_append_new(
            registry, json_pack("{s:s, s:s, s:o, s:I}", "owner", owners[value->owner], "service",
                                value->service, "fields", fields_json(file, value->line, 0), "line",
                                (json_int_t)inf_line_place(file, value->line).line));
    }
    for (size_t i = 0; i < model->include_count; i++)
        json_array_append_new(includes, json_string(model->includes[i]));
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "devices", devices, "copies", copies, "services",
                     services, "registry", registry, "includes", includes);
}

static void print_package(const struct cli_call *call, const struct inf_file *file,
                          const struct inf_package *package)
{
    const char *on = cli_tone_on(call, CLI_DIM), *off = cli_tone_off(call);

    printf("%s%s%s\n", on, inf_name(file), off);
    printf("encoding       %s\n", inf_encoding_text(inf_encoding(file)));
    printf("provider       %s\n", package->provider);
    printf("class          %s %s\n", package->class_name, package->class_guid);
    printf("driver version %s, %s\n", package->driver_ver.version_text,
           package->driver_ver.date_text);
    printf("architectures ");
    for (int arch = INF_ARCH_X86; arch < INF_ARCH_COUNT; arch++)
        if (package->arches & INF_ARCH_BIT(arch))
            printf(" %s", inf_arch_name((enum inf_arch)arch));
    puts(package->primitive ? " (primitive driver)" : "");
    for (size_t i = 0; i < package->catalog_count; i++)
        printf("catalog        %s%s%s\n", package->catalogs[i].name,
               package->catalogs[i].arch ? " for " : "", inf_arch_name(package->catalogs[i].arch));
    for (size_t i = 0; i < package->source_count; i++) {
        const struct inf_source *source = &package->sources[i];
        printf("file           %s%s%s%s%s %sline %u%s\n", source->directory,
               source->directory[0] ? "\\" : "", source->name, source->arch ? " for " : "",
               inf_arch_name(source->arch), on, source->place.line, off);
    }
    for (size_t i = 0; i < package->id_count; i++)
        printf("hardware id    %s\n", package->ids[i].id);
}

static void print_model(const struct cli_call *call, const struct inf_file *file,
                        const struct inf_model *model)
{
    const char *on = cli_tone_on(call, CLI_DIM), *off = cli_tone_off(call);

    for (size_t i = 0; i < model->device_count; i++) {
        const struct inf_device *device = &model->devices[i];
        printf("device         %s: %s%s%s\n", inf_key(file, device->line), on,
               device->install ? inf_section_name(file, device->install)
                               : "(its install section is missing)",
               off);
    }
    for (size_t i = 0; i < model->copy_count; i++) {
        const struct inf_copy *copy = &model->copies[i];
        if (copy->placed)
            printf("copy           %s to directory %lld%s%s\n", copy->source,
                   (long long)copy->dirid, copy->directory[0] ? "\\" : "", copy->directory);
        else
            printf("copy           %s, no destination given\n", copy->source);
    }
    for (size_t i = 0; i < model->service_count; i++) {
        const struct inf_service *service = &model->services[i];
        printf("service        %s: type %lld, start %lld, %s\n", service->name,
               (long long)service->type, (long long)service->start, service->binary);
    }
    for (size_t i = 0; i < model->registry_count; i++) {
        const struct inf_registry *value = &model->registry[i];
        printf("registry       %s%s%s:", owners[value->owner], value->service[0] ? " " : "",
               value->service);
        for (size_t f = 0; f < inf_field_count(value->line); f++)
            printf("%s%s", f ? "," : " ", inf_field(file, value->line, f));
        putchar('\n');
    }
    for (size_t i = 0; i < model->include_count; i++)
        printf("includes       %s\n", model->includes[i]);
}

static enum vf_code show(const struct cli_call *call, const struct inf_file *file,
                         const struct inf_package *package, const struct inf_model *model,
                         struct vf_err *err)
{
    if (!cli_json(call)) {
        print_package(call, file, package);
        if (model)
            print_model(call, file, model);
        return VF_OK;
    }
    json_t *object = package_json(file, package);
    if (object && model &&
        (json_object_set_new(object, "for", json_string(cli_value(call, "for"))) != 0 ||
         json_object_set_new(object, "installs", model_json(file, model)) != 0)) {
        json_decref(object);
        object = NULL;
    }
    return cli_json_print("inf-show", 1, object, err);
}

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    const char *on = cli_value(call, "for");
    struct inf_file *file = NULL;
    struct inf_package *package = NULL;
    struct inf_model *model = NULL;
    struct inf_target target;

    if (on && !inf_target_parse(on, &target))
        return vf_fail(err, VF_USAGE, "--for takes OS/ARCH such as w11/amd64, not '%s'", on);
    enum vf_code code = inf_read(cli_operand(call, 0), &file, err);
    if (!code)
        code = inf_package_make(file, &package, err);
    if (!code && on)
        code = inf_model_make(file, &target, &model, err);
    if (!code)
        code = show(call, file, package, model, err);
    inf_model_free(model);
    inf_package_free(package);
    inf_free(file);
    return code;
}

static const struct cli_option options[] = {
    {0, "for", "OS/ARCH", "show as well what a Windows such as w11/amd64 would install"},
    CLI_OPTIONS_END,
};

static const char *const examples[] = {
    "vioforge inf show viostor.inf",
    "vioforge inf show --json --for w11/amd64 viostor.inf",
    NULL,
};

const struct cli_verb verb_inf_show = {
    .name = "inf show",
    .summary = "show what an INF file says",
    .operands = "FILE",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run,
};

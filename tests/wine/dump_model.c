/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dump_model INF OS/ARCH: what our model says an installation leaves, in the form of install_inf,
 * with the directories of Wine.
 */
#include <stdio.h>
#include <string.h>

#include "inf/model.h"

/* "INF AddReg Directive": a key without a value, and the types */
#define FLAG_KEY_ONLY  0x00000010
#define TYPE_MASK      0xFFFF0001
#define TYPE_DWORD     0x00010001
#define TYPE_EXPAND_SZ 0x00020000

static const char *directory(int64_t dirid)
{
    if (dirid == 12)
        return "C:\\windows\\system32\\drivers";
    /* Wine 8 has no driver store; every directory id it does not know is this one */
    return "C:\\windows\\system32\\unknown";
}

static void print_service(const struct inf_service *service)
{
    char *path = strchr(service->binary + 1, '%');
    int64_t dirid = 0;
    char number[8] = "";

    printf("service DisplayName: text %s\n", service->display_name);
    printf("service ErrorControl: dword %lld\n", (long long)service->error_control);
    printf("service Group: text %s\n", service->group);
    printf("service Start: dword %lld\n", (long long)service->start);
    printf("service Type: dword %lld\n", (long long)service->type);
    if (path && path - service->binary - 1 < (ptrdiff_t)sizeof(number)) {
        memcpy(number, service->binary + 1, (size_t)(path - service->binary - 1));
        if (inf_number(number, &dirid))
            printf("service ImagePath: text %s%s\n", directory(dirid), path + 1);
    }
}

static void print_value(const struct inf_file *file, const struct inf_registry *value)
{
    static const char *const owners[] = {
        [INF_REGISTRY_SOFTWARE] = "driver",
        [INF_REGISTRY_HARDWARE] = "device",
        [INF_REGISTRY_SERVICE] = "service",
        [INF_REGISTRY_EVENT_LOG] = "log",
    };
    const char *key = inf_field(file, value->line, 1), *data = inf_field(file, value->line, 4);
    int64_t flags = 0, number = 0;

    inf_number(inf_field(file, value->line, 3), &flags);
    if (flags & FLAG_KEY_ONLY)
        return;
    printf("%s %s%s%s: ", owners[value->owner], key, *key ? "\\" : "",
           inf_field(file, value->line, 2));
    if ((flags & TYPE_MASK) == TYPE_DWORD && inf_number(data, &number))
        printf("dword %lld\n", (long long)number);
    else
        printf("%s %s\n", (flags & TYPE_MASK) == TYPE_EXPAND_SZ ? "expand" : "text", data);
}

int main(int argc, char **argv)
{
    struct inf_target target;
    struct inf_file *file = NULL;
    struct inf_model *model = NULL;
    struct vf_err err;

    if (argc != 3 || !inf_target_parse(argv[2], &target))
        return VF_USAGE;
    enum vf_code code = inf_read(argv[1], &file, &err);
    if (!code)
        code = inf_model_make(file, &target, &model, &err);
    if (code) {
        fprintf(stderr, "%s\n", err.text);
        goto done;
    }
    for (size_t i = 0; i < model->service_count; i++)
        print_service(&model->services[i]);
    for (size_t i = 0; i < model->registry_count; i++)
        print_value(file, &model->registry[i]);
    for (size_t i = 0; i < model->copy_count; i++)
        printf("file %s\\%s\n", directory(model->copies[i].dirid), model->copies[i].name);
done:
    inf_model_free(model);
    inf_free(file);
    return (int)code;
}

using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muniment.Events.Tests.Formats.Asim;

/// <summary>
/// Judges a record by a table in the form of ASimTester.csv (<c>ColumnName,ColumnType,Class,Schema,LogicalType,ListOfValues,Aliased</c>): mandatory and conditional columns, types,
/// enumerations. Two exceptions, as Microsoft's tester warns and does not fail there: <c>EventProduct</c> and <c>EventVendor</c> list Microsoft's known products only. <c>Type</c> is
/// the table's name, which the workspace sets and a sender cannot.
/// </summary>
internal sealed class AsimValidator
{
    private readonly Dictionary<string, Dictionary<string, Column>> _schemas = [];

    public AsimValidator(string csv)
    {
        foreach (string line in csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            string[] cells = line.Trim().Split(',');
            if (!_schemas.TryGetValue(cells[3], out Dictionary<string, Column>? schema))
            {
                _schemas[cells[3]] = schema = [];
            }

            string[] words = [.. cells[5].Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
            schema[cells[0]] = new Column(cells[1], cells[2], cells[4], words, cells.Length > 6 ? cells[6] : "");
        }
    }

    public List<string> Judge(JsonObject record)
    {
        List<string> errors = [];
        string schemaName = record["EventSchema"]?.GetValue<string>() ?? "";
        if (!_schemas.TryGetValue(schemaName, out Dictionary<string, Column>? schema))
        {
            return [$"EventSchema {schemaName} is none"];
        }

        Dictionary<string, Column> common = _schemas["Common"];
        foreach ((string name, JsonNode? value) in record)
        {
            if (!schema.TryGetValue(name, out Column? column) && !common.TryGetValue(name, out column))
            {
                errors.Add($"{name}: no column of {schemaName}");
            }
            else
            {
                Check(name, column, value, errors);
            }
        }

        foreach ((string name, Column column) in common.Concat(schema))
        {
            bool mandatory = (schema.TryGetValue(name, out Column? own) ? own : column).Class == "Mandatory";
            if (mandatory && name != "Type" && record[name] is null)
            {
                errors.Add($"{name}: mandatory in {schemaName}");
            }

            if (column.Class == "Conditional" && column.Aliased.Length > 0 && record[column.Aliased] is not null && record[name] is null && schema.ContainsKey(name))
            {
                errors.Add($"{name}: needed beside {column.Aliased}");
            }
        }

        return errors;
    }

    private static void Check(string name, Column column, JsonNode? value, List<string> errors)
    {
        JsonValueKind kind = value?.GetValueKind() ?? JsonValueKind.Null;
        bool right = column.Type switch
        {
            "string" or "IP address" => kind == JsonValueKind.String && value!.GetValue<string>().Length > 0,
            "int" => kind == JsonValueKind.Number && value!.AsValue().TryGetValue(out int _),
            "long" => kind == JsonValueKind.Number && value!.AsValue().TryGetValue(out long _),
            "datetime" => kind == JsonValueKind.String && DateTime.TryParseExact(value!.GetValue<string>(), "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "dynamic" => kind == JsonValueKind.Object,
            "bool" => kind is JsonValueKind.True or JsonValueKind.False,
            _ => false,
        };
        if (!right)
        {
            errors.Add($"{name}: {value?.ToJsonString() ?? "null"} is no {column.Type}");
        }
        else if (column.LogicalType == "Enumerated" && column.Words.Length > 0 && name is not ("EventProduct" or "EventVendor") && !column.Words.Contains(value!.GetValue<string>()))
        {
            errors.Add($"{name}: {value} is none of {string.Join(", ", column.Words)}");
        }
        else if (column.LogicalType is "IP Address" or "IP address" && !IPAddress.TryParse(value!.GetValue<string>(), out _))
        {
            errors.Add($"{name}: {value} is no address");
        }
        else if (column.LogicalType == "SHA256" && (value!.GetValue<string>().Length != 64 || !value.GetValue<string>().All(char.IsAsciiHexDigit)))
        {
            errors.Add($"{name}: {value} is no SHA-256");
        }
        else if (column.LogicalType == "SchemaVersion" && !Version.TryParse(value!.GetValue<string>(), out _))
        {
            errors.Add($"{name}: {value} is no version");
        }
    }

    private sealed record Column(string Type, string Class, string LogicalType, string[] Words, string Aliased);
}

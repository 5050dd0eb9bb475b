using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Administration;

/// <summary>A JSON answer written member by member.</summary>
internal sealed class JsonAnswer(int statusCode, Action<Utf8JsonWriter> members) : IResult
{
    /// <summary>200.</summary>
    public static IResult Ok(Action<Utf8JsonWriter> members) => new JsonAnswer(StatusCodes.Status200OK, members);

    /// <summary>201.</summary>
    public static IResult Created(Action<Utf8JsonWriter> members) => new JsonAnswer(StatusCodes.Status201Created, members);

    /// <summary>A list's page.</summary>
    public static IResult List<T>(IReadOnlyList<T> items, string? next, Action<Utf8JsonWriter, T> members) => Ok(json =>
    {
        json.WriteStartArray("items"u8);
        foreach (T item in items)
        {
            json.WriteStartObject();
            members(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("next"u8, next);
    });

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var stream = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        await RefusalWriter.SendAsync(httpContext, statusCode, MediaTypes.Json, stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }
}

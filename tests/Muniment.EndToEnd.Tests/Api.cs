using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Muniment.EndToEnd.Tests;

/// <summary>The few calls that most tests make, written from the contract.</summary>
internal static class Api
{
    public static StringContent Json(string text, string type = "application/json") => new(text, Encoding.UTF8, new MediaTypeHeaderValue(type));

    public static async Task<JsonElement> PostEventsAsync(this HttpClient client, string json, string type = "application/json", HttpStatusCode expected = HttpStatusCode.Accepted)
    {
        using HttpResponseMessage response = await client.PostAsync("api/v1/events", Json(json, type));
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode}: {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>All events that match, oldest first.</summary>
    public static async Task<List<JsonElement>> EventsAsync(this HttpClient client, string query)
    {
        var all = new List<JsonElement>();
        string? cursor = null;
        do
        {
            using HttpResponseMessage response = await client.GetAsync($"api/v1/events?limit=1000&order=asc&{query}{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}");
            string body = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {body}");
            JsonElement page = JsonDocument.Parse(body).RootElement;
            all.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return all;
    }

    public static async Task<string> CreateKeyAsync(this HttpClient client, object key)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/keys", key);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"{(int)response.StatusCode}: {body}");
        return JsonDocument.Parse(body).RootElement.GetProperty("key").GetString()!;
    }

    public static async Task CreateDestinationAsync(this HttpClient client, object destination)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/destinations", destination);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"{(int)response.StatusCode}: {body}");
    }

    public static async Task PostOtlpAsync(this HttpClient client, Uri otlp, string signal, byte[] json)
    {
        using var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await client.PostAsync(new Uri(otlp, "v1/" + signal), content);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{signal}: {(int)response.StatusCode}: {body}");
        Assert.DoesNotContain("rejected", body);
    }

    public static byte[] Inflate(string file)
    {
        using var gzip = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var buffer = new MemoryStream();
        gzip.CopyTo(buffer);
        return buffer.ToArray();
    }

    /// <summary>A file or folder of the development material beside the checkout, or null where that is absent.</summary>
    public static string? Shared(string relative)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", relative);
            if (Path.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}

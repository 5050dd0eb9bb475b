using System.Text.Json.Nodes;

namespace Muniment.Gateway.Tests.Query;

/// <summary>The same questions after sealing, when the term index and the word filters answer first.</summary>
public sealed class SealedTests
{
    [Fact]
    public async Task WhatWasFoundBeforeSealingIsFoundAfterwards()
    {
        await using QueryHost host = await QueryHost.OpenAsync();
        foreach (int part in Enumerable.Range(0, 3))
        {
            await host.PostAsync(string.Join('\n', Enumerable.Range(0, 3000).Select(i => i == 1500
                ? $$$"""{"id":"own-{{{part}}}","actor":"user:rare-{{{part}}}","action":"rare.{{{part}}}","result":"denied","target":"Größe Zyzzyva","trace":"corr-{{{part}}}","details":{"n":1{{{part}}}424242} }"""
                : $$$"""{"actor":"user:u{{{i % 20}}}","action":"file.write","result":"success","target":"common {{{i}}}","trace":"c{{{i}}}"}""")));
        }

        string[] questions =
        [
            "q=zyzzyva", "q=gr%C3%B6%C3%9Fe%20zyzzyva", "q=11424242", "q=zyzzyva%20nowhere", "correlation=corr-1", "result=denied", "result=denied&order=asc", "actor=user:rare-2",
            "where=%7B%22result%22%3A%22DENIED%22%2C%22action%22%3A%22rare.*%22%7D", "user=u7&limit=3", "q=common&limit=2", "correlation=none",
        ];
        var before = new List<string>();
        foreach (string question in questions)
        {
            before.Add(await host.SeqsAsync(question));
        }

        Assert.Equal(["7500 4500 1500", "7500 4500 1500", "4500", "", "4500", "7500 4500 1500", "1500 4500 7500", "7500"], before.Take(8));
        long sealedTo = 0;
        for (long next; (next = await host.SealAsync()) > sealedTo; sealedTo = next)
        {
        }

        Assert.True(sealedTo >= 4096, $"sealed up to {sealedTo}");
        for (int i = 0; i < questions.Length; i++)
        {
            Assert.Equal((questions[i], before[i]), (questions[i], await host.SeqsAsync(questions[i])));
        }

        (int status, JsonNode own) = await host.GetAsync("events/own-1");
        Assert.Equal((200, 4500L), (status, (long)own["seq"]!));
        (_, JsonNode page) = await host.GetAsync("events?correlation=c100&limit=1");
        Assert.Equal(200, (await host.GetAsync("events/" + page["items"]![0]!["id"])).Status);
        (_, page) = await host.GetAsync("events?correlation=corr-0");
        Assert.True((long)page["scanned"]! <= 4096 + 808, $"{page["scanned"]} events were looked at");
    }
}
